// The type of an outcome's `result`, by the operation's name, inferred from its handler.
import type { OperationName, operations } from '../handlers/index.ts';
import type { JsonObject, Observation } from '../operation.ts';

/** The type after JSON: a field that is undefined is absent. AWS may add values to its enumerations, so they are strings. */
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

/** The `result` of an operation that succeeded. Other outcomes may have less of it, or none. */
export type ResultOf<Name extends OperationName> = Name extends OperationName
  ? (typeof operations)[Name] extends Followed<infer Result>
    ? Carried<Result>
    : never
  : never;

/** A DB cluster, from the last DescribeDBClusters. Times are ISO 8601. Fields that AWS left out are absent. */
export type DbClusterResult = ResultOf<'stop-db-cluster'>;

/**
 * A snapshot of a DB cluster. `snapshotCreateTime` is ISO 8601, `allocatedStorage` in GiB, `percentProgress` 0 to 100.
 * Fields that AWS left out are absent.
 */
export type DbClusterSnapshotResult = ResultOf<'create-db-cluster-snapshot'>;

/** The proof of a reset, and what could not be checked. A job that ended before its reset has a `DbClusterResult`. */
export type FastResetResult = ResultOf<'fast-reset'>;

/** A graph, from the last GetGraph. `createTime` is ISO 8601, `provisionedMemory` in m-NCUs. */
export type GraphResult = ResultOf<'stop-graph'>;

/** A snapshot of a graph. `snapshotCreateTime` is ISO 8601. */
export type GraphSnapshotResult = ResultOf<'create-graph-snapshot'>;

/** An import task, from the last GetImportTask. `startTime` is ISO 8601. */
export type ImportTaskResult = ResultOf<'watch-import-task'>;
