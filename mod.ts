/**
 * One model and one query interface over PostgreSQL, on a server or embedded.
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
  type DbConfig,
} from "./src/connect.ts";
export { Connection } from "./src/connection/connection.ts";
export {
  type ConnectionParts,
  type ConnectOptions,
  type DatabaseConnection,
} from "./src/connection/types.ts";
export { type SessionOptions } from "./src/connection/sessions.ts";
export { type Transaction } from "./src/connection/transaction.ts";
export {
  type Backend,
  type Engine,
  type OpenOptions,
  type QueryEvent,
  type SchemaReport,
} from "./src/engine/engine.ts";
export {
  AuthenticationError,
  CheckError,
  ConfigError,
  type ConfigProblem,
  ConnectionError,
  ConstraintError,
  type ConstraintFields,
  DatabaseError,
  DbPluginsError,
  DecisionError,
  DuplicateKeyError,
  type ErrorFields,
  ForeignKeyError,
  LockError,
  MigrationError,
  ModelError,
  MultipleRowsError,
  NotNullError,
  type PartlyWritten,
  QueryError,
  type QueryErrorFields,
  type RowProblem,
  SchemaError,
  SerializationError,
  SessionError,
  StaleRowError,
  TimeoutError,
  TransactionError,
  ValidationError,
} from "./src/base/errors/mod.ts";
export {
  type Decision,
  type Direction as MigrationDirection,
  type Draft,
  type DraftStep,
  type HistoryRecord,
  type Ignored,
  type Intent,
  type LintProblem,
  type LockOptions,
  type MigrationDialect,
  type MigrationEvent,
  type MigrationRun,
  type MigrationServer,
  type MigrationSession,
  type MigrationState,
  type MigrationTarget,
  type NewRecord,
  type PlanOptions,
  type SchemaPlan,
  type Script,
  type Step,
} from "./src/engine/migrations/mod.ts";
export {
  type Field,
  type FieldType,
  type NanRule,
  type ScalarKind,
} from "./src/model/field.ts";
export { type Derived, point } from "./src/model/derived.ts";
export {
  defineModel,
  type ModelOptions,
  type MongoOptions,
} from "./src/model/model.ts";
export { stringify } from "./src/model/row.ts";
export {
  type AnyModel,
  type Check,
  type ForeignKey,
  type Index,
  type IndexOrder,
  type IndexPart,
  type Insertable,
  type InsertFrom,
  type InsertOf,
  type Model,
  type MongoMapping,
  type OptionalFields,
  type PartitionBy,
  type Relation,
  type RelationsFrom,
  type RelationsOf,
  type RowFrom,
  type RowOf,
  type Schema,
} from "./src/model/types.ts";
export {
  type Comparison,
  type CountStatement,
  type DeleteStatement,
  type ExistsStatement,
  type Expr,
  type FindStatement,
  type GetOrCreateStatement,
  type InsertStatement,
  type Outcome,
  type Rows,
  type Sort,
  type Statement,
  type Statements,
  type UpdateEachStatement,
  type UpdateStatement,
  type UpsertStatement,
} from "./src/query/statement/statement.ts";
export {
  type Executor,
  runner,
  type StatementHandlers,
} from "./src/query/statement/executor.ts";
export { MongoConnection } from "./src/mongo/connection.ts";
export { type Filter, type Operators } from "./src/query/filter/filter.ts";
export {
  type FindOptions,
  type Found,
  type PageOptions,
} from "./src/query/read/options.ts";
export { type Direction, type OrderBy } from "./src/query/read/order.ts";
export { type Pagination } from "./src/query/read/page.ts";
export { Query } from "./src/query/query.ts";
export { type Session } from "./src/query/session/session.ts";
export { type TransactionOptions } from "./src/query/statement/transaction_options.ts";
export { changes, newRow, type Values } from "./src/query/write/values.ts";
export { type OfModel, UnboundQuery } from "./src/query/unbound.ts";
export { SQLConnection, type SqlQuery } from "./src/sql/connection.ts";
export {
  alertFromJson,
  alertOf,
  type Packet,
  type ZtfAlert,
} from "./src/ztf/alert.ts";
export { alertsFromAvro } from "./src/ztf/avro.ts";
export { readAlerts } from "./src/ztf/file.ts";
export {
  ingestAlerts,
  type IngestOptions,
  type IngestReport,
} from "./src/ztf/ingest.ts";
export {
  type LightCurve,
  lightcurve,
  type Queries,
} from "./src/ztf/lightcurve.ts";
export { type AlertRows, alertRows } from "./src/ztf/rows.ts";
