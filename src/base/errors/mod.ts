// Every error class of this package, and what belongs to errors.
export {
  DbPluginsError,
  type ErrorFields,
  type Message,
  type PartlyWritten,
  type WriteOutcome,
} from "./error.ts";
export {
  ConfigError,
  type ConfigProblem,
  FileError,
  LimitError,
  type LimitErrorFields,
  ModelError,
  MultipleRowsError,
  NO_MARK_WRITTEN,
  NOTHING_WRITTEN,
  QueryError,
  type QueryErrorFields,
  type RowProblem,
  SessionError,
  type StaleProblem,
  StaleRowError,
  TransactionError,
  ValidationError,
  type ValidationErrorFields,
} from "./caller_errors.ts";
export {
  AuthenticationError,
  CheckError,
  ConnectionError,
  ConstraintError,
  type ConstraintFields,
  DatabaseError,
  DiscardedRowError,
  DuplicateKeyError,
  ForeignKeyError,
  NotNullError,
  SerializationError,
  TimeoutError,
} from "./database_errors.ts";
export {
  callsUnfinished,
  closedBeforeCall,
  closedDuringCall,
  connectionClosed,
  isClosedByProgram,
  transactionEnded,
} from "./ended.ts";
export { messageOf } from "./message_of.ts";
export { hasNoTransactions, recordNoTransactions } from "./no_transactions.ts";
export {
  appendSentence,
  asWrite,
  beforeWrites,
  failedInside,
  outcomeOf,
  recordedOutcome,
  rolledBack,
  setMessage,
  withOutcome,
  withOutcomeOf,
} from "./outcome.ts";
export { suggestionText } from "./suggestion_text.ts";
export {
  DecisionError,
  LockError,
  MigrationError,
  SchemaError,
} from "./migration_errors.ts";
