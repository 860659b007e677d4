// What the runbook promises of refused credentials: once their file is renewed, jobs and events go on within a minute.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

describeLifecycle('credentials that were renewed', (suite) => {
  const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-renewed-'));
  const file = join(folder, 'credentials');
  const write = (key: string) =>
    writeFileSync(file, `[default]\naws_access_key_id = ${key}\naws_secret_access_key = secret\n`);
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are used within a minute after AWS has refused the old ones for a while, for SQS too', async () => {
    const id = await suite.cluster();
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
    write('OLD');
    for (const accessKeyId of ['stand-in', 'OLD']) {
      suite.switches.fault({ code: 'InvalidClientTokenId' }, { api: 'neptune', accessKeyId });
      suite.switches.fault({ code: 'UnrecognizedClientException', status: 403 }, { api: 'sqs', accessKeyId });
    }
    const job = await suite.driver.ask('stop-db-cluster', { dbClusterIdentifier: id });
    for (let visit = 0; visit < 6; visit += 1) await suite.driver.step();
    expect(await suite.driver.job(job.id)).toMatchObject({ phase: 'look', trouble: { code: 'InvalidClientTokenId' } });
    write('NEW');
    const renewedAt = suite.outside.clock.now();
    await suite.driver.until(job.id, 'follow');
    expect(suite.outside.clock.now() - renewedAt).toBeLessThanOrEqual(60_000);
    const { finishedAt } = await suite.driver.end(job.id);
    expect(suite.driver.events(job.id)).not.toEqual([]);
    expect(suite.outside.clock.now() - (finishedAt ?? 0)).toBeLessThanOrEqual(60_000);
  });
});
