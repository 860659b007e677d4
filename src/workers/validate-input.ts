// Validates a record before a visit acts on it. The API validated its input, but anybody who can write to the store may
// have changed it. A visit acts only on the resource whose name and turn the record has.
import type { JsonObject, Operation, Refusal } from '../operation.ts';
import type { JobRecord } from '../records/job.ts';

/** The code of a job that ends because its record isn't one that the service would have written. */
const recordInvalid = 'record-invalid';

type Validated = { readonly ok: true; readonly input: JsonObject } | { readonly ok: false; readonly refusal: Refusal };

/** The input, parsed by the operation's schema, or the reason why it is invalid. The reason repeats no value. */
export function validateInput(operation: Pick<Operation<never>, 'name' | 'input'>, input: unknown): Validated {
  const parsed = operation.input.safeParse(input);
  if (parsed.success) return { ok: true, input: parsed.data };
  const fields = [...new Set(parsed.error.issues.map(({ path }) => String(path[0] ?? 'the whole input')))];
  return invalid(`its input is not right for ${operation.name}: ${fields.slice(0, 5).join(', ')}`);
}

/** The same for a whole record. Its resource and turn must be those of its input. */
export function validateJob(
  operation: Pick<Operation<never>, 'name' | 'input' | 'resource' | 'takesTurn'>,
  job: Pick<JobRecord, 'input' | 'target' | 'resource' | 'takesTurn'>,
): Validated {
  const validated = validateInput(operation, job.input);
  if (!validated.ok) return validated;
  if (`${job.target}/${operation.resource(validated.input)}` !== job.resource) {
    return invalid('its input names another resource than the record');
  }
  if (operation.takesTurn !== job.takesTurn)
    return invalid(`${operation.name} is recorded with another rule for turns`);
  return validated;
}

function invalid(why: string): Validated {
  const reason = `The record of this job can't be acted on: ${why}. Nothing was asked of AWS for it. Ask again; see who else can write to the store.`;
  return { ok: false, refusal: { code: recordInvalid, reason } };
}
