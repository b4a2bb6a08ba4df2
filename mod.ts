/**
 * One model and one query interface over PostgreSQL (on a server, or embedded with
 * PGlite) and MongoDB: connections, models, queries and errors.
 *
 * Other entry points: `./models` and `./models/mongo` (ALeRCE's models), `./migrate`
 * (migrations), `./ztf` and `./lsst` (alerts), `./engine` and `./testing` (for authors of
 * engines).
 *
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ SQL: { ENGINE: "pglite", DB_NAME: "memory://" } });
 * await db.createDb();
 * const [object, created] = await db.query(AstroObject).getOrCreate({
 *   filterBy: { oid: "ZTF18aaxlzgi" },
 * });
 * assert.equal(`${object} ${created}`, "<AstroObject(oid='ZTF18aaxlzgi')> true");
 * ```
 *
 * @module
 */
export {
  connect,
  type ConnectByConfigOptions,
  type ConnectionOf,
} from "./src/connect.ts";
export { type DbConfig } from "./src/settings/entry_types.ts";
export { isSql } from "./src/sql/is_sql.ts";
export { isMongo } from "./src/mongo/is_mongo.ts";
export { Connection } from "./src/connection/connection.ts";
export {
  type ConnectionParts,
  type ConnectOptions,
  type DatabaseConnection,
} from "./src/connection/types.ts";
export { type ConnectionView } from "./src/connection/connection_view.ts";
export { type SessionOptions } from "./src/connection/sessions.ts";
export { type Transaction } from "./src/connection/transaction.ts";
export {
  type QueryEvent,
  type ReplicaEvent,
  type SchemaReport,
  type SlowQueryEvent,
} from "./src/engine/engine.ts";
export {
  AuthenticationError,
  CheckError,
  ConfigError,
  type ConfigProblem,
  ConnectionError,
  ConstraintError,
  DatabaseError,
  DbPluginsError,
  DecisionError,
  DiscardedRowError,
  DuplicateKeyError,
  FileError,
  ForeignKeyError,
  LimitError,
  LockError,
  MigrationError,
  ModelError,
  MultipleRowsError,
  NotNullError,
  type PartlyWritten,
  QueryError,
  type RowProblem,
  SchemaError,
  SerializationError,
  SessionError,
  type StaleProblem,
  StaleRowError,
  TimeoutError,
  TransactionError,
  ValidationError,
  type WriteOutcome,
} from "./src/base/errors/mod.ts";
export { type Amount, type Expression } from "./src/model/expression.ts";
export { bytes } from "./src/model/bytes.ts";
export { int16 } from "./src/model/int16.ts";
export { type Derived, point } from "./src/model/derived.ts";
export {
  defineModel,
  type ModelOptions,
  type MongoOptions,
  type SpatialOptions,
} from "./src/model/model.ts";
export { stringify } from "./src/model/row.ts";
export {
  generatedAs,
  identity,
  serial,
  serverDefault,
  type ServerFilled,
} from "./src/model/server_filled.ts";
export {
  type AnyModel,
  type Check,
  type ForeignKey,
  type Index,
  type IndexOrder,
  type IndexPart,
  type Insertable,
  type InsertOf,
  type KeyOf,
  type Model,
  type PartitionBy,
  type RelatedRow,
  type Relation,
  type RelationsFrom,
  type RelationsIn,
  type RelationsOf,
  type RowFrom,
  type RowOf,
  type Schema,
} from "./src/model/types.ts";
export { type Rows } from "./src/query/statement/statement.ts";
export { MongoConnection } from "./src/mongo/connection.ts";
export { angularDistance } from "./src/sky/distance.ts";
export { healpixCenter, healpixIndex } from "./src/sky/healpix.ts";
export {
  type Box,
  type Combinations,
  type Filter,
  type FullFilter,
  type JsonOperators,
  type Near,
  type Operators,
  type RelationFilter,
  type SkyConditions,
} from "./src/query/filter/filter.ts";
export {
  type Aggregate,
  type AggregateOptions,
  type CountCondition,
  type NumericField,
} from "./src/query/read/aggregate_options.ts";
export {
  type Counts,
  type Include,
  type IncludeOptions,
  type ManyOptions,
  type OneOptions,
} from "./src/query/read/include_options.ts";
export {
  type FindOptions,
  type Found,
  type PageOptions,
  type RowWith,
} from "./src/query/read/options.ts";
export {
  type CrossmatchOptions,
  type Match,
  type Target,
} from "./src/query/read/crossmatch_options.ts";
export { type Direction, type OrderBy } from "./src/query/read/order.ts";
export { type RowLockOptions } from "./src/query/read/lock.ts";
export { type Pagination } from "./src/query/read/page.ts";
export { type CallOptions } from "./src/query/statement/call_options.ts";
export { type Graph, type GraphRow } from "./src/query/write/graph.ts";
export {
  greatest,
  ifNull,
  increment,
  least,
  type SetOf,
} from "./src/query/write/expressions.ts";
export {
  type Middleware,
  type Next,
} from "./src/query/middleware/middleware.ts";
export { type FilterOf, rowFilter } from "./src/query/middleware/row_filter.ts";
export { Query } from "./src/query/query.ts";
export {
  type MergeRule,
  type MergeRules,
} from "./src/query/write/merge_rules.ts";
export { type Session } from "./src/query/session/session.ts";
export { type TransactionOptions } from "./src/query/statement/transaction_options.ts";
export { type OfModel, UnboundQuery } from "./src/query/unbound.ts";
export { SQLConnection } from "./src/sql/connection.ts";
export { createWriter } from "./src/writer/writer.ts";
export {
  type FlushReport,
  type RejectedRow,
  type Writer,
  type WriterOptions,
  type WriterStats,
  type WriterTarget,
  type WriterUpsertOptions,
} from "./src/writer/types.ts";
