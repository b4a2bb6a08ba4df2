// Errors in what the caller passed: settings, models, queries, rows, sessions.
import { DbPluginsError, type ErrorFields } from "./error.ts";
import { suggestionText } from "./suggestion_text.ts";

/** One wrong key of the settings. */
export interface ConfigProblem {
  /** The key as written, with the entry that holds it: `SQL.HOTS`. */
  readonly key: string;
  /** The problem, without the key's value. */
  readonly problem: string;
  /** The most similar correct key. */
  readonly nearest?: string | undefined;
}

/** The settings are invalid. The message names every wrong key, and no value. */
export class ConfigError extends DbPluginsError {
  /** Every wrong key. */
  readonly problems: readonly ConfigProblem[];
  /** Creates the error.
   * @param source the beginning of the message: `Invalid settings file /home/me/settings.ts`
   */
  constructor(
    source: string,
    problems: readonly ConfigProblem[],
    fields: ErrorFields = {},
  ) {
    const lines = problems.map(({ key, problem, nearest }) =>
      `${key} ${problem}${suggestionText(nearest)}`
    );
    super(
      lines.length > 1 && source !== ""
        ? [`${source}:`, ...lines.map((line) => `  ${line}`)]
        : lines.length > 1
        ? [...lines.slice(0, 1), ...lines.slice(1).map((line) => `  ${line}`)]
        : [source, ...lines].filter(Boolean).join(": "),
      fields,
    );
    this.problems = problems;
  }
}

/** A model declaration that no database can hold. */
export class ModelError extends DbPluginsError {}

/** Fields of a {@link QueryError}. */
export interface QueryErrorFields extends ErrorFields {
  /** The name of the queried model. */
  readonly model?: string | undefined;
  /** The wrong name: a field, operator, relation or option. */
  readonly field?: string | undefined;
  /** The most similar correct name. */
  readonly nearest?: string | undefined;
}

/** A query names an unknown field, operator, relation or option, or passes a value that it does not accept. */
export class QueryError extends DbPluginsError {
  /** The name of the queried model. */
  readonly model: string | undefined;
  /** The wrong name: a field, operator, relation or option; undefined if the problem is not about one name. */
  readonly field: string | undefined;
  /** The most similar correct name. */
  readonly nearest: string | undefined;
  /** Creates the error.
   * @param message the problem; the constructor adds the suggestion
   */
  constructor(message: string, fields: QueryErrorFields = {}) {
    super(message + suggestionText(fields.nearest), fields);
    this.model = fields.model;
    this.field = fields.field;
    this.nearest = fields.nearest;
  }
}

/** Fields of a {@link LimitError}. */
export interface LimitErrorFields extends ErrorFields {
  /** The limit: the name of the option that sets it, if there is one. */
  readonly limit: string;
  /** The greatest value that the limit allows. */
  readonly allowed: number;
  /** The value of the input, if it was measured. */
  readonly got?: number | undefined;
}

/** An input exceeds a limit, such as the bytes of a line or the levels of a filter. The message names the limit and the position. */
export class LimitError extends DbPluginsError {
  /** The limit: the name of the option that sets it, if there is one. */
  readonly limit: string;
  /** The greatest value that the limit allows. */
  readonly allowed: number;
  /** The value of the input; undefined if reading stopped before it was known. */
  readonly got: number | undefined;
  /** Creates the error.
   * @param message the input, its position, and what to do
   */
  constructor(message: string, fields: LimitErrorFields) {
    super(message, fields);
    this.limit = fields.limit;
    this.allowed = fields.allowed;
    this.got = fields.got;
  }
}

/** A file cannot be written: the disk is full, its folder does not exist, or a permission is missing. */
export class FileError extends DbPluginsError {
  /** The path of the file; undefined for a stream. */
  readonly path: string | undefined;
  /** Creates the error. */
  constructor(
    message: string,
    fields: ErrorFields & {
      /** The path of the file; undefined for a stream. */
      readonly path?: string | undefined;
    } = {},
  ) {
    super(message, fields);
    this.path = fields.path;
  }
}

/** The end of a message if the call wrote no row. */
export const NOTHING_WRITTEN = "No row was written";
/** The end of the message of a commit that wrote nothing. */
export const NO_MARK_WRITTEN =
  "Nothing was written; the session keeps its marks";

/** One invalid field of one row. */
export interface RowProblem {
  /** The index of the row among those passed, from 0. */
  readonly index: number;
  /** The name of the field. */
  readonly field: string;
  /** The value that the caller passed. */
  readonly value: unknown;
  /** Why the value is invalid. */
  readonly reason: string;
}

/** Fields of a {@link ValidationError}. */
export interface ValidationErrorFields extends ErrorFields {
  /** What the call could not do (default: `write`). */
  readonly action?: string;
  /** What the call takes (default: `row`). */
  readonly noun?: string;
  /** Whether the call takes one row, so that the message has no index. */
  readonly isOneRow?: boolean;
  /** What the call wrote, as the end of the message (default: `No row was written`). */
  readonly outcome?: string | undefined;
}

/** Rows do not match their model, or a filter contains an invalid position. The call wrote no row; on MongoDB see {@link DbPluginsError.partly}. */
export class ValidationError extends DbPluginsError {
  /** The name of the model. */
  readonly model: string;
  /** The problems found; at least those of the first invalid row. */
  readonly rows: readonly RowProblem[];
  /** Creates the error.
   * @param model the name of the model
   */
  constructor(
    model: string,
    rows: readonly RowProblem[],
    fields: ValidationErrorFields = {},
  ) {
    const {
      action = "write",
      noun = "row",
      isOneRow = false,
      outcome = NOTHING_WRITTEN,
    } = fields;
    const lines = rows.map(({ index, field, reason }, at) => {
      const isSameRow = isOneRow || rows[at - 1]?.index === index;
      // A reason that is a sentence, as zod writes them, is not about the field's name.
      const colon = /^\p{Lu}/u.test(reason) ? ":" : "";
      return `${
        isSameRow ? "" : `${noun} ${index}: `
      }${field}${colon} ${reason}`;
    });
    const separator = isOneRow ? ": " : " ";
    const problems = lines.join("; ");
    // A suggestion ends with a question mark.
    const stop = problems.endsWith("?") ? " " : ". ";
    super(
      `Cannot ${action} ${model}${separator}${problems}${
        outcome && stop + outcome
      }`,
      fields,
    );
    this.model = model;
    this.rows = rows;
  }
}

/** More than one row matches a filter or the fields of `conflict`, where at most one may match. */
export class MultipleRowsError extends DbPluginsError {}

/** The action of a call with stale rows, and the problem of the rows. */
export interface StaleProblem {
  /** The call. */
  readonly action: "commit" | "update";
  /** What happened, before the names of the rows. */
  readonly problem: string;
}

/**
 * The database no longer holds a row that a session marked, or the version of
 * the row has changed since it was read. The call wrote nothing, and the
 * session keeps its marks; on a MongoDB server without transactions see
 * {@link DbPluginsError.partly}.
 */
export class StaleRowError extends DbPluginsError {
  /** The missing or changed rows. */
  readonly rows: readonly object[];
  /** Creates the error.
   * @param rows the missing or changed rows
   * @param names how the message names them
   */
  constructor(
    rows: readonly object[],
    fields: ErrorFields = {},
    names: readonly string[] = rows.map(String),
    { action, problem }: StaleProblem = {
      action: "commit",
      problem: "the database no longer holds",
    },
  ) {
    const named = names.slice(0, 5).join(", ");
    const more = rows.length > 5 ? ` and ${rows.length - 5} more` : "";
    super(
      `Cannot ${action}: ${problem} ${named}${more}. ${
        action === "commit" ? NO_MARK_WRITTEN : NOTHING_WRITTEN
      }`,
      fields,
    );
    this.rows = rows;
  }
}

/** The code runs outside a session, or the session has ended. */
export class SessionError extends DbPluginsError {}

/** Invalid use of a transaction, which would wait forever or write outside it. */
export class TransactionError extends DbPluginsError {}
