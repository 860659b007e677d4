// Shared by snapshots of clusters and of graphs: whether a snapshot with the wanted name is the job's own, and how long
// a new one may be missing. Somebody else's snapshot never counts as the job's own.
import { z } from 'zod';
import type { Intent, JsonObject, Observation, Refusal } from '../operation.ts';
import { plainText, plainTextRule } from '../plain-text.ts';

export const snapshotNameInUse: Refusal = {
  code: 'snapshot-name-in-use',
  reason:
    'Another snapshot has this name: an older one, or one of something else. Choose another name, or delete that one.',
};

/** How much AWS's clock and the store's may differ; milliseconds. */
export const clockSlack = 5_000;
/** How long a new snapshot may be missing from AWS's reads; milliseconds. */
const appearingTime = 300_000;

/** A snapshot with the wanted name, and when AWS says it was created. */
interface SeenSnapshot<Result extends JsonObject> {
  readonly seen: Observation<Result>;
  readonly made: Date | undefined;
}

/**
 * Judges a snapshot with the wanted name and source: the job's own if it was created since `since` (milliseconds), a
 * conflict if it is older. `untimed` decides about one without a time: after a lost answer it is the job's own, because
 * none existed before.
 */
export function claimSnapshot<Result extends JsonObject>(
  { seen, made }: SeenSnapshot<Result>,
  since: number,
  untimed: 'ours' | 'older',
): Observation<Result> {
  const ours = made === undefined ? untimed === 'ours' : made.getTime() >= since;
  return ours ? seen : snapshotNameTaken(seen);
}

/** The observation when another snapshot has the name. */
export function snapshotNameTaken<Result extends JsonObject>(seen: Observation<Result>): Observation<Result> {
  const { status, result } = seen;
  return { status, verdict: 'failed', ...snapshotNameInUse, ...(result && { result }) };
}

/** The observation when AWS's reads don't show the job's snapshot: not yet, or no longer. */
export function snapshotMissing(name: string, intent: Intent | undefined, now: number): Observation<never> {
  if (intent && now - intent.at < appearingTime) return { status: 'not-found', verdict: 'pending' };
  return {
    status: 'not-found',
    verdict: 'failed',
    code: 'snapshot-not-found',
    reason: `The snapshot ${name} is gone.`,
  };
}

/** AWS's limit of tags per resource. */
const mostTags = 50;

/** The schema of a new snapshot's tags. Each API has its own rules for key and value. */
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
