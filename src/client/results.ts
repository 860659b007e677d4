// What each operation leaves behind for its caller: the type of an outcome's `result`, by the operation's name, as its
// handler makes it.
import type { OperationName, operations } from '../handlers/index.ts';
import type { JsonObject, Observation } from '../operation.ts';

/** As JSON carries it: what isn't known is left out, and AWS may add a word to any of its lists of words. */
type Carried<Value> = Value extends string
  ? string
  : Value extends readonly (infer Item)[]
    ? readonly Carried<Item>[]
    : Value extends JsonObject
      ? string extends keyof Value
        ? Value
        : Flat<
            {
              readonly [Field in keyof Value as undefined extends Value[Field] ? never : Field]: Carried<Value[Field]>;
            } & {
              readonly [Field in keyof Value as undefined extends Value[Field] ? Field : never]?: Carried<
                Exclude<Value[Field], undefined>
              >;
            }
          >
      : Value;
type Flat<Value> = { readonly [Field in keyof Value]: Value[Field] };

interface Followed<Result extends JsonObject> {
  poll(...looking: never): Promise<Observation<Result>>;
}

/** The `result` of an operation that succeeded. A job that ended otherwise may have less of it, or none. */
export type ResultOf<Name extends OperationName> = Name extends OperationName
  ? (typeof operations)[Name] extends Followed<infer Result>
    ? Carried<Result>
    : never
  : never;

/** A DB cluster as DescribeDBClusters told of it last. Times are ISO 8601; what AWS didn't say is left out. */
export type DbClusterResult = ResultOf<'stop-db-cluster'>;

/**
 * A snapshot of a DB cluster. `snapshotCreateTime` is ISO 8601, `allocatedStorage` in GiB, `percentProgress` 0 to 100; what
 * AWS didn't say is left out.
 */
export type DbClusterSnapshotResult = ResultOf<'create-db-cluster-snapshot'>;

/** What proves a reset, and what could not be looked at. A job that ended before its reset has a `DbClusterResult`. */
export type FastResetResult = ResultOf<'fast-reset'>;

/** A graph as GetGraph told of it last. `createTime` is ISO 8601, `provisionedMemory` in m-NCUs. */
export type GraphResult = ResultOf<'stop-graph'>;

/** A snapshot of a graph. `snapshotCreateTime` is ISO 8601. */
export type GraphSnapshotResult = ResultOf<'create-graph-snapshot'>;

/** An import task as GetImportTask told of it last. `startTime` is ISO 8601. */
export type ImportTaskResult = ResultOf<'watch-import-task'>;
