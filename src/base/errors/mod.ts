// Every error of this package, by what it is about.
export {
  DbPluginsError,
  type ErrorFields,
  type PartlyWritten,
} from "./error.ts";
export { ConfigError, type ConfigProblem } from "./config.ts";
export { ModelError, QueryError, type QueryErrorFields } from "./query.ts";
export {
  MultipleRowsError,
  type RowProblem,
  StaleRowError,
  ValidationError,
} from "./row.ts";
export { SessionError, TransactionError } from "./session.ts";
export {
  AuthenticationError,
  ConnectionError,
  DatabaseError,
  SerializationError,
  TimeoutError,
} from "./database.ts";
export {
  CheckError,
  ConstraintError,
  type ConstraintFields,
  DuplicateKeyError,
  ForeignKeyError,
  NotNullError,
} from "./constraint.ts";
export {
  DecisionError,
  LockError,
  MigrationError,
  SchemaError,
} from "./migration.ts";
