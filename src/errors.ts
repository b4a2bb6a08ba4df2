// Every error of this package, by what it is about.
export {
  DbPluginsError,
  type ErrorFields,
  type PartlyWritten,
} from "./errors/error.ts";
export { ConfigError, type ConfigProblem } from "./errors/config.ts";
export {
  ModelError,
  QueryError,
  type QueryErrorFields,
} from "./errors/query.ts";
export {
  MultipleRowsError,
  type RowProblem,
  StaleRowError,
  ValidationError,
} from "./errors/row.ts";
export { SessionError, TransactionError } from "./errors/session.ts";
export {
  AuthenticationError,
  ConnectionError,
  DatabaseError,
  SerializationError,
  TimeoutError,
} from "./errors/database.ts";
export {
  CheckError,
  ConstraintError,
  type ConstraintFields,
  DuplicateKeyError,
  ForeignKeyError,
  NotNullError,
} from "./errors/constraint.ts";
export {
  DecisionError,
  LockError,
  MigrationError,
  SchemaError,
} from "./errors/migration.ts";
