// Batches of SQS: one answer lists the entries that succeeded and those that failed. A failed entry doesn't affect the
// others.
import { MAX_BYTES } from './messages.ts';
import { ApiRefusal, refusal } from '../refusal.ts';

/** The entries that a rule makes fail. */
interface FailedEntries {
  code: string;
  senderFault?: boolean;
  /** Absent: every entry. */
  ids?: readonly string[];
}

const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

/** Throws SQS's error for a batch that is wrong as a whole. */
export function checkBatch(entries: readonly { Id: string }[] | undefined): readonly { Id: string }[] {
  if (!entries || entries.length === 0) {
    throw refusal('sqs', 'EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > 10) {
    const message = `Maximum number of entries per request are 10. You have sent ${entries.length}.`;
    throw refusal('sqs', 'TooManyEntriesInBatchRequest', message);
  }
  const bad = entries.find(({ Id }) => !ENTRY_ID.test(Id));
  if (bad) {
    const message = 'A batch entry id can only contain alphanumeric characters, hyphens and underscores, at most 80.';
    throw refusal('sqs', 'InvalidBatchEntryId', message);
  }
  const repeated = entries.find(({ Id }, i) => entries.findIndex((other) => other.Id === Id) !== i);
  if (repeated) throw refusal('sqs', 'BatchEntryIdsNotDistinct', `Id ${repeated.Id} repeated.`);
  return entries;
}

/** Throws BatchRequestTooLong above 1 MiB in all. */
export function checkBatchSize(bytes: number): void {
  if (bytes <= MAX_BYTES) return;
  const message = `Batch requests cannot be longer than ${MAX_BYTES} bytes. You have sent ${bytes} bytes.`;
  throw refusal('sqs', 'BatchRequestTooLong', message);
}

/** Runs each entry by itself. Those in `doomed` fail without effect. */
export function runBatch<E extends { Id: string }>(
  entries: readonly E[],
  doomed: FailedEntries | undefined,
  perform: (entry: E) => Record<string, unknown>,
): { Successful: Record<string, unknown>[]; Failed: Record<string, unknown>[] } {
  const answer: ReturnType<typeof runBatch> = { Successful: [], Failed: [] };
  for (const entry of entries) {
    const { Id } = entry;
    if (doomed && (doomed.ids?.includes(Id) ?? true)) {
      const { code: Code, senderFault: SenderFault = false } = doomed;
      answer.Failed.push({ Id, SenderFault, Code, Message: `${Code} by a switch` });
      continue;
    }
    try {
      answer.Successful.push({ Id, ...perform(entry) });
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      answer.Failed.push({ Id, SenderFault: true, Code: error.wireCode, Message: error.message });
    }
  }
  return answer;
}
