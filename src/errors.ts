/** What every error of this package carries beside its message. */
export interface ErrorFields {
  /** The driver's or the runtime's own error. */
  readonly cause?: unknown;
}

/** What had become of the rows of a bulk write on MongoDB when it failed, by the fields of their key. */
export interface PartlyWritten {
  /** Rows that are as the call would have them, and stay so. */
  readonly written: readonly object[];
  /** Rows that are not. */
  readonly unwritten: readonly object[];
  /** Rows that may be either: no answer came. */
  readonly unknown: readonly object[];
}

/**
 * The parent of every error this package throws on purpose.
 *
 * @example
 * ```ts
 * import { ConfigError, DbPluginsError } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 *
 * const error = new ConfigError("Invalid settings", [{ key: "HOTS", problem: "is not a setting", nearest: "HOST" }]);
 * assert(error instanceof DbPluginsError);
 * assert.match(error.message, /HOTS is not a setting; did you mean HOST\?/);
 * ```
 */
export class DbPluginsError extends Error {
  /**
   * The rows of a bulk write outside a transaction that failed on MongoDB, where
   * some may have been written. Of a source that is no array, those that were
   * taken from it; the first 100,000 of a kind.
   */
  declare partly?: PartlyWritten;
  /** Made where it is thrown.
   * @param message what was tried, on what, and what was found
   */
  constructor(message: string, fields: ErrorFields = {}) {
    super(message, "cause" in fields ? { cause: fields.cause } : undefined);
    this.name = new.target.name;
  }
}

/** One wrong key of the settings. */
export interface ConfigProblem {
  /** The key as it was written, with its place: `SQL.HOTS`. */
  readonly key: string;
  /** What is wrong with it; never its value. */
  readonly problem: string;
  /** The right key it most resembles. */
  readonly nearest?: string | undefined;
}

/** The settings cannot be used. All wrong keys are named at once, no value is. */
export class ConfigError extends DbPluginsError {
  /** Every wrong key. */
  readonly problems: readonly ConfigProblem[];
  /** Made where it is thrown.
   * @param source what cannot be used, as in `Invalid settings file /home/me/settings.ts`
   */
  constructor(
    source: string,
    problems: readonly ConfigProblem[],
    fields: ErrorFields = {},
  ) {
    const lines = problems.map(({ key, problem, nearest }) =>
      `${key} ${problem}${nearest ? `; did you mean ${nearest}?` : ""}`
    );
    super(
      [source, lines.join("\n  ")].filter(Boolean).join(
        lines.length > 1 ? ":\n  " : ": ",
      ),
      fields,
    );
    this.problems = problems;
  }
}

/** The database cannot be reached, or the connection was lost or closed. */
export class ConnectionError extends DbPluginsError {}

/** The database refused the user or the password. */
export class AuthenticationError extends DbPluginsError {}

/** A time limit passed: connecting, waiting for a free connection, or a statement. */
export class TimeoutError extends DbPluginsError {}

/** There is no session here, or it has ended. */
export class SessionError extends DbPluginsError {}

/** A transaction is used in a way that would wait for ever or write outside it. */
export class TransactionError extends DbPluginsError {}

/** A model is declared in a way no database could hold. */
export class ModelError extends DbPluginsError {}

/** Fields of a {@link QueryError}. */
export interface QueryErrorFields extends ErrorFields {
  /** The model the query was made for. */
  readonly model?: string | undefined;
  /** The name that is wrong. */
  readonly name?: string | undefined;
  /** The right name it most resembles. */
  readonly nearest?: string | undefined;
}

/** A query names a field, operator, relation or option that does not exist, or gives one a value it cannot take. */
export class QueryError extends DbPluginsError {
  /** The model the query was made for. */
  readonly model: string | undefined;
  /** The wrong name; `QueryError` where no name is to blame. */
  override name: string;
  /** The right name it most resembles. */
  readonly nearest: string | undefined;
  /** Made where it is thrown.
   * @param message what is wrong, without the suggestion, which is added
   */
  constructor(message: string, fields: QueryErrorFields = {}) {
    super(
      fields.nearest ? `${message}; did you mean ${fields.nearest}?` : message,
      fields,
    );
    this.model = fields.model;
    this.name = fields.name ?? "QueryError";
    this.nearest = fields.nearest;
  }
}

/** One field of one row that cannot be written. */
export interface RowProblem {
  /** The row's place among those given, from 0. */
  readonly index: number;
  /** The field. */
  readonly field: string;
  /** What the caller gave. */
  readonly value: unknown;
  /** Why it cannot be written. */
  readonly reason: string;
}

/** Rows do not fit their model. Nothing was written. */
export class ValidationError extends DbPluginsError {
  /** The model's name. */
  readonly model: string;
  /** Every problem that was looked for; the first bad row's at least. */
  readonly rows: readonly RowProblem[];
  /** Made where it is thrown.
   * @param model the model's name
   */
  constructor(
    model: string,
    rows: readonly RowProblem[],
    fields: ErrorFields = {},
  ) {
    const lines = rows.map(({ index, field, reason }) =>
      `row ${index}: ${field} ${reason}`
    );
    super(`Cannot write ${model}, ${lines.join("; ")}`, fields);
    this.model = model;
    this.rows = rows;
  }
}

/** Fields of the errors that a constraint of the database raises. */
export interface ConstraintFields extends ErrorFields {
  /** The table or collection. */
  readonly table?: string | undefined;
  /** The constraint's or index's name. */
  readonly constraint?: string | undefined;
  /** The fields it covers, where they are known. */
  readonly fields?: readonly string[] | undefined;
}

/** The parent of the errors that a constraint of the database raises. */
export class ConstraintError extends DbPluginsError {
  /** The table or collection. */
  readonly table: string | undefined;
  /** The constraint's or index's name. */
  readonly constraint: string | undefined;
  /** The fields it covers, where they are known. */
  readonly fields: readonly string[];
  /** Made where it is thrown.
   * @param message what was refused
   */
  constructor(message: string, fields: ConstraintFields = {}) {
    super(message, fields);
    this.table = fields.table;
    this.constraint = fields.constraint;
    this.fields = fields.fields ?? [];
  }
}

/** A primary or unique key is taken. */
export class DuplicateKeyError extends ConstraintError {}

/** A row that is referred to does not exist, or one that is referred to would go. */
export class ForeignKeyError extends ConstraintError {}

/** A required field has no value. */
export class NotNullError extends ConstraintError {}

/** A check constraint does not hold. */
export class CheckError extends ConstraintError {}

/** More than one row matches where at most one may. */
export class MultipleRowsError extends DbPluginsError {}

/** A row that a session marked is no longer there. Nothing was written and the marks are kept. */
export class StaleRowError extends DbPluginsError {
  /** The rows that are gone. */
  readonly rows: readonly object[];
  /** Made where it is thrown.
   * @param rows the rows that are gone
   */
  constructor(rows: readonly object[], fields: ErrorFields = {}) {
    const named = rows.slice(0, 5).map(String).join(", ");
    const more = rows.length > 5 ? ` and ${rows.length - 5} more` : "";
    super(
      `Cannot commit: no longer in the database: ${named}${more}. Nothing was written; the marks are kept`,
      fields,
    );
    this.rows = rows;
  }
}

/** Two transactions cannot both be right (deadlock, serialization failure): run this one again. */
export class SerializationError extends DbPluginsError {}

/** Something must be decided by a person, and there is nobody to ask. */
export class DecisionError extends DbPluginsError {
  /** What there is to choose from. */
  readonly options: readonly string[];
  /** Made where it is thrown.
   * @param options what there is to choose from, as options of the command line
   */
  constructor(
    message: string,
    options: readonly string[],
    fields: ErrorFields = {},
  ) {
    super(message, fields);
    this.options = options;
  }
}

/** The database is not what the models say. */
export class SchemaError extends DbPluginsError {
  /** Each difference, in words; empty where the message says it all. */
  readonly differences: readonly string[];
  /** Made where it is thrown.
   * @param message what does not fit
   */
  constructor(
    message: string,
    fields: ErrorFields & { readonly differences?: readonly string[] } = {},
  ) {
    super(message, fields);
    this.differences = fields.differences ?? [];
  }
}

/** A migration or its files cannot be used, or a run failed. */
export class MigrationError extends DbPluginsError {
  /** What `dbp` ends with: 1 the run failed, 2 something is pending, 4 files or history are invalid, 5 drift, 6 a rule is broken, 7 a person must finish it. */
  readonly exitCode: number;
  /** Made where it is thrown.
   * @param message what was tried, on which file or step, and what was found
   */
  constructor(
    message: string,
    fields: ErrorFields & { readonly exitCode?: number | undefined } = {},
  ) {
    super(message, fields);
    this.exitCode = fields.exitCode ?? 1;
  }
}

/** Another process changes the schema, or the lock on that was lost. */
export class LockError extends DbPluginsError {
  /** Who has the lock, as far as the database tells: process, application, statement. */
  readonly holder: string | undefined;
  /** Made where it is thrown.
   * @param message what was waited for, and how long
   */
  constructor(
    message: string,
    fields: ErrorFields & { readonly holder?: string | undefined } = {},
  ) {
    super(message, fields);
    this.holder = fields.holder;
  }
}

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
