// Credentials whose source hangs, is renewed or comes to nothing: every call ends in time, and good ones aren't kept from it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Credentials, createCredentials, credentialsTimeout } from '../../src/aws/credentials.ts';
import { faultOf } from '../../src/aws/faults.ts';
import { type CredentialSource, startCredentialSource } from '../../emulator/credential-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-credentials-'));
const file = join(folder, 'credentials');
const target = { region: 'eu-west-1' };
let source: CredentialSource;
const open: Credentials[] = [];

beforeEach(async () => {
  source = await startCredentialSource();
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
  for (const [name, value] of Object.entries(source.env)) vi.stubEnv(name, value);
  // The SDK tells on the console of what takes longer than a second.
  vi.spyOn(console, 'warn').mockReturnValue();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  for (const credentials of open.splice(0)) credentials.close();
  await source.close();
  rmSync(file, { force: true });
});

function credentialsOf(more: { role?: string } = {}): Credentials {
  const credentials = createCredentials({ ...target, ...more });
  open.push(credentials);
  return credentials;
}
const writeKeys = (key: string) =>
  writeFileSync(file, `[default]\naws_access_key_id = ${key}\naws_secret_access_key = secret\n`);
const faultAfter = async (asked: Promise<unknown>, milliseconds: number) => {
  const failed = asked.then(
    () => undefined,
    (error: unknown) => faultOf(error),
  );
  await vi.advanceTimersByTimeAsync(milliseconds);
  return failed;
};
/** Without time passing, for the SDK's own limits count it too. */
const arrived = async (times: number) => {
  while (source.asked < times) await new Promise((resolve) => setImmediate(resolve));
};

describe('a source that accepts and never answers', () => {
  it('is trouble with credentials after five seconds, and nothing was done', async () => {
    source.does = 'hang';
    const asked = credentialsOf().provider();
    await arrived(1);
    expect(await faultAfter(asked, credentialsTimeout)).toEqual({
      class: 'credentials',
      code: 'CredentialsProviderError',
      message: 'No AWS credentials: TimeoutError: their source did not answer within 5 s',
      effect: 'none',
    });
  });

  it('is asked once by all who wait, who are told at once as long as it hangs, and asked again after half a minute', async () => {
    source.does = 'hang';
    const { provider } = credentialsOf();
    const asked = [provider(), provider(), provider()];
    const all = Promise.allSettled(asked);
    await arrived(1);
    await vi.advanceTimersByTimeAsync(credentialsTimeout);
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await faultAfter(provider(), 0)).toMatchObject({ class: 'credentials' });
    expect(source.asked).toBe(1);
    source.does = 'answer';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await provider()).toMatchObject({ accessKeyId: 'stand-in' });
    expect(source.asked).toBe(2);
  });

  it('costs nothing while what it gave before is good', async () => {
    const { provider } = credentialsOf();
    await provider();
    source.does = 'hang';
    await vi.advanceTimersByTimeAsync(3_600_000 - 120_000);
    const asked = provider();
    await arrived(2);
    await vi.advanceTimersByTimeAsync(credentialsTimeout);
    expect(await asked).toMatchObject({ accessKeyId: 'stand-in' });
    // Expired, they are nothing any more.
    expect(await faultAfter(provider(), 0)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(await faultAfter(provider(), credentialsTimeout)).toMatchObject({ class: 'credentials' });
  });
});

describe('a source that was renewed', () => {
  beforeEach(() => {
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', undefined);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
  });

  it('is read anew after a fault, and not before', async () => {
    writeKeys('OLD');
    const { provider, providerOfOldSdk, generation, forget } = credentialsOf();
    expect(await provider()).toMatchObject({ accessKeyId: 'OLD' });
    writeKeys('NEW');
    expect(await provider()).toMatchObject({ accessKeyId: 'OLD' });
    forget(generation());
    expect(await provider()).toMatchObject({ accessKeyId: 'NEW' });
    expect(await providerOfOldSdk()).toMatchObject({ accessKeyId: 'NEW' });
  });

  it('is not dropped by the late faults of calls that were signed with what was before', async () => {
    writeKeys('OLD');
    const { provider, generation, forget } = credentialsOf();
    await provider();
    const before = generation();
    writeKeys('NEW');
    forget(before);
    await provider();
    writeKeys('NEWER');
    forget(before);
    expect(await provider()).toMatchObject({ accessKeyId: 'NEW' });
  });

  it('is found where there was none before', async () => {
    const { provider } = credentialsOf();
    expect(await faultAfter(provider(), 0)).toMatchObject({ class: 'credentials', effect: 'none' });
    writeKeys('FIRST');
    expect(await provider()).toMatchObject({ accessKeyId: 'FIRST' });
  });
});
