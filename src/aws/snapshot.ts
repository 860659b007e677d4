// What snapshots of clusters and of graphs have in common: whose a snapshot of the wished name is, and how long a new one
// may be missing. Must never take somebody else's snapshot for the job's own.
import { z } from 'zod';
import type { Intent, JsonObject, Observation, Refusal } from '../operation.ts';
import { plainText, plainTextRule } from '../plain-text.ts';

export const snapshotNameInUse: Refusal = {
  code: 'snapshot-name-in-use',
  reason:
    'Another snapshot has this name: an older one, or one of something else. Choose another name, or delete that one.',
};

/** AWS's clock and the store's may differ by a little; milliseconds. */
export const clockSlack = 5_000;
/** How long AWS's reads may not know a new snapshot yet, in milliseconds. */
const appearingTime = 300_000;

/** What was seen of a snapshot of the wished name, and when AWS says that it was made. */
export interface SeenSnapshot<Result extends JsonObject> {
  readonly seen: Observation<Result>;
  readonly made: Date | undefined;
}

/**
 * A snapshot of the wished name and source: ours if it was made since the given time (milliseconds), a conflict if it is
 * older. `untimed` is what one without a time is: ours after a lost answer, for there was none of the name before.
 */
export function claimSnapshot<Result extends JsonObject>(
  { seen, made }: SeenSnapshot<Result>,
  since: number,
  untimed: 'ours' | 'older',
): Observation<Result> {
  const ours = made === undefined ? untimed === 'ours' : made.getTime() >= since;
  return ours ? seen : snapshotNameTaken(seen);
}

/** What a job sees of a snapshot that isn't its own and has its name. */
export function snapshotNameTaken<Result extends JsonObject>(seen: Observation<Result>): Observation<Result> {
  const { status, result } = seen;
  return { status, verdict: 'failed', ...snapshotNameInUse, ...(result && { result }) };
}

/** What a job sees that follows a snapshot which AWS's reads don't know: not yet, or not any more. */
export function snapshotMissing(name: string, intent: Intent | undefined, now: number): Observation<never> {
  if (intent && now - intent.at < appearingTime) return { status: 'not-found', verdict: 'pending' };
  return {
    status: 'not-found',
    verdict: 'failed',
    code: 'snapshot-not-found',
    reason: `The snapshot ${name} is gone.`,
  };
}

/** What AWS takes of one resource. */
const mostTags = 50;

/** The tags of a new snapshot; each API has rules of its own for the key and the value. */
export function tags(key: z.ZodString, value: z.ZodString) {
  return z
    .record(
      key.max(128, 'a tag key has at most 128 characters'),
      value.max(256, 'a tag value has at most 256 characters').regex(plainText, plainTextRule),
    )
    .refine((given) => Object.keys(given).length <= mostTags, `at most ${mostTags} tags`)
    .optional()
    .meta({ description: 'Tags for the new snapshot.', maxProperties: mostTags });
}
