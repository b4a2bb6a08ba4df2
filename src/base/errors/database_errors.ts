// Errors that the database or the connection to it reports.
import { DbPluginsError, type ErrorFields, type Message } from "./error.ts";

/** The database is unreachable, or the connection was lost or closed. */
export class ConnectionError extends DbPluginsError {}

/** The database rejected the user or the password. */
export class AuthenticationError extends DbPluginsError {}

/** A time limit passed: on connecting, on waiting for a free connection, or on a statement. */
export class TimeoutError extends DbPluginsError {}

/** Transactions conflicted (deadlock or serialization failure) and the database rolled this one back. Run it again. */
export class SerializationError extends DbPluginsError {}

/** The database rejected a statement for a reason without an error class of its own. */
export class DatabaseError extends DbPluginsError {
  /** The error code of the database: on PostgreSQL the SQLSTATE. */
  readonly code: string | undefined;
  /** Creates the error.
   * @param message the message of the database
   */
  constructor(
    message: Message,
    fields: ErrorFields & { readonly code?: string | undefined } = {},
  ) {
    super(message, fields);
    this.code = fields.code;
  }
}

/**
 * The database did not write a row, although nothing is wrong with it: a trigger,
 * a rule or a policy of the table discarded the insert, update or delete.
 */
export class DiscardedRowError extends DatabaseError {}

/** Fields of a {@link ConstraintError}. */
export interface ConstraintFields extends ErrorFields {
  /** The name of the model. */
  readonly model?: string | undefined;
  /** The table or collection. */
  readonly table?: string | undefined;
  /** The name of the constraint or index. */
  readonly constraint?: string | undefined;
  /** The fields of the constraint, if known. */
  readonly fields?: readonly string[] | undefined;
}

/** The base class of the errors for a violated constraint. */
export class ConstraintError extends DbPluginsError {
  /** The name of the model that the call writes, if known. */
  readonly model: string | undefined;
  /** The table or collection. */
  readonly table: string | undefined;
  /** The name of the constraint or index. */
  readonly constraint: string | undefined;
  /** The fields of the constraint; empty if unknown. */
  readonly fields: readonly string[];
  /** Creates the error.
   * @param message what could not be written, and why
   */
  constructor(message: Message, fields: ConstraintFields = {}) {
    super(message, fields);
    this.model = fields.model;
    this.table = fields.table;
    this.constraint = fields.constraint;
    this.fields = fields.fields ?? [];
  }
}

/** Another row holds the same primary or unique key. */
export class DuplicateKeyError extends ConstraintError {}

/** A foreign key refers to a missing row, or a row cannot be deleted because others refer to it. */
export class ForeignKeyError extends ConstraintError {}

/** A required field has no value. */
export class NotNullError extends ConstraintError {}

/** A row violates a check constraint. */
export class CheckError extends ConstraintError {}
