// Reads the engine of a DB cluster over its data plane.
import { ExecuteOpenCypherQueryCommand, GetEngineStatusCommand } from './sdk/neptunedata.ts';
import { type Aws, reading } from './clients.ts';
import { faultOf } from './faults.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `startTime` is when the server process started, as AWS writes it: a new value proves a restart. */
interface EngineStatus {
  readonly status: string;
  readonly startTime: string | undefined;
  readonly role: string | undefined;
  readonly engineVersion: string | undefined;
}

/** Rejects when the engine can't be reached or answers with a fault. */
export async function readEngine(aws: Aws, address: Address): Promise<EngineStatus> {
  const answer = await aws.data(address).send(new GetEngineStatusCommand({}), reading());
  return {
    status: answer.status ?? 'unknown',
    startTime: answer.startTime,
    role: answer.role,
    engineVersion: answer.dbEngineVersion,
  };
}

/** Whether the property graph is empty; `unread`, with AWS's error name, when it can't be queried. */
export async function readEmptiness(
  aws: Aws,
  address: Address,
): Promise<'empty' | 'not-empty' | { readonly unread: string }> {
  const query = new ExecuteOpenCypherQueryCommand({ openCypherQuery: 'MATCH (n) RETURN n LIMIT 1' });
  try {
    const { results } = await aws.data(address).send(query, reading());
    if (!Array.isArray(results)) return { unread: 'no results' };
    return results.length === 0 ? 'empty' : 'not-empty';
  } catch (error) {
    const fault = faultOf(error);
    if (fault.class === 'permanent' || fault.status === 501) return { unread: fault.code };
    throw error;
  }
}
