// Seals the cursors of job lists, because a place in an index names a job that may be somebody else's. The secret is
// made once and kept in the store, so every process opens the cursors of the others.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ServiceError } from '../../errors.ts';
import { keyOf } from '../../records/job.ts';
import type { Cursor, Store, Stored } from '../../records/store.ts';

const cipher = 'aes-256-gcm';
const [nonceBytes, tagBytes] = [12, 16];
const version = 'c1';

interface Secret {
  /** Base64url of 32 random bytes. */
  readonly secret: string;
}

interface ListCursors {
  seal(place: Cursor): Promise<string>;
  /** Throws `cursor-not-valid` for anything that this service hasn't sealed. */
  open(sealed: string): Promise<Cursor>;
}

export function listCursors(store: Store): ListCursors {
  let kept: Promise<Buffer> | undefined;
  const secret = (): Promise<Buffer> =>
    (kept ??= readSecret(store).catch((error: unknown) => {
      kept = undefined;
      throw error;
    }));
  return {
    async seal(place) {
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, await secret(), nonce);
      const sealed = Buffer.concat([nonce, sealing.update(place, 'utf8'), sealing.final(), sealing.getAuthTag()]);
      return `${version}${sealed.toString('base64url')}`;
    },
    async open(sealed) {
      const bytes = Buffer.from(sealed.slice(version.length), 'base64url');
      const [nonce, tag] = [bytes.subarray(0, nonceBytes), bytes.subarray(-tagBytes)];
      if (!sealed.startsWith(version) || bytes.length <= nonceBytes + tagBytes) throw notValid();
      const opening = createDecipheriv(cipher, await secret(), nonce, { authTagLength: tagBytes }).setAuthTag(tag);
      const place = opening.update(bytes.subarray(nonceBytes, -tagBytes));
      try {
        return Buffer.concat([place, opening.final()]).toString('utf8');
      } catch {
        throw notValid();
      }
    },
  };
}

function notValid(): ServiceError {
  const message = 'This cursor is not one of this service, or it is from a version before. Begin again without cursor.';
  return new ServiceError('cursor-not-valid', message);
}

/** If several processes make one at the same moment, the first one stays. */
async function readSecret(store: Store): Promise<Buffer> {
  const key = keyOf.secret('cursor');
  const read = async () => (await store.read([key])).records[0] as Stored<Secret> | undefined;
  let known = await read();
  if (known === undefined) {
    const value: Secret = { secret: randomBytes(32).toString('base64url') };
    await store.commit([{ op: 'create', key, value }]);
    known = await read();
  }
  if (known === undefined) throw new Error('The secret of cursors is gone from the store right after it was made.');
  return Buffer.from(known.value.secret, 'base64url');
}
