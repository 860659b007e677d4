// How the engine inside a DB cluster is read, over its data plane.
import { ExecuteOpenCypherQueryCommand, GetEngineStatusCommand } from './sdk/neptunedata.ts';
import { type Aws, reading } from './clients.ts';
import { faultOf } from './faults.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `startTime` is the start of the present server process, in AWS's own words: the proof that it was restarted. */
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

/** Whether the property graph holds anything; `unread` with AWS's error name when that may not or can't be asked. */
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
