import { DbPluginsError, type ErrorFields } from "./error.ts";

/** The database cannot be reached, or the connection was lost or closed. */
export class ConnectionError extends DbPluginsError {}

/** The database refused the user or the password. */
export class AuthenticationError extends DbPluginsError {}

/** A time limit passed: connecting, waiting for a free connection, or a statement. */
export class TimeoutError extends DbPluginsError {}

/** Two transactions cannot both be right (deadlock, serialization failure): run this one again. */
export class SerializationError extends DbPluginsError {}

/** The database refused a statement for a reason that has no class of its own. */
export class DatabaseError extends DbPluginsError {
  /** The database's own code: the SQLSTATE on PostgreSQL. */
  readonly code: string | undefined;
  /** Made where it is thrown.
   * @param message the database's own words
   */
  constructor(
    message: string,
    fields: ErrorFields & { readonly code?: string | undefined } = {},
  ) {
    super(message, fields);
    this.code = fields.code;
  }
}
