import { printable, printableLines } from "./printable.ts";

/** Fields that every error of this package takes in addition to its message. */
export interface ErrorFields {
  /** The error of the driver or the runtime that caused this one. */
  readonly cause?: unknown;
}

/** What happened to a write that failed: whether the database holds what the call was to write. */
export type WriteOutcome = "applied" | "not applied" | "unknown";

/** The message of an error: one line, or a list of lines. */
export type Message = string | readonly string[];

/** The rows of a bulk write that failed on MongoDB, by the fields of their key. */
export interface PartlyWritten {
  /** Rows that the database holds as the call gave them. They stay. */
  readonly written: readonly object[];
  /** Rows that were not written. */
  readonly unwritten: readonly object[];
  /** Rows whose write got no answer: each may be written or not. */
  readonly unknown: readonly object[];
}

/**
 * The base class of every error that this package throws on purpose.
 *
 * @example
 * ```ts
 * import { ConfigError, DbPluginsError } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 *
 * const error = new ConfigError("Invalid settings", [{ key: "HOTS", problem: "is not a setting", nearest: "HOST" }]);
 * assert(error instanceof DbPluginsError);
 * assert.equal(error.name, "ConfigError");
 * assert.match(error.message, /HOTS is not a setting; did you mean HOST\?/);
 * ```
 */
export class DbPluginsError extends Error {
  /**
   * The rows of a bulk write that failed on MongoDB outside a transaction, if
   * some may have been written. If the rows came from an iterator, these are the
   * rows read from it so far. Each list holds at most 100,000 rows.
   */
  declare partly?: PartlyWritten;
  /**
   * Whether the write that failed took effect; undefined if the call only
   * reads. `"not applied"`: the database is as it was before the call.
   * `"applied"`: the write is complete, and only its answer failed.
   * `"unknown"`: the connection was lost or a time limit passed before the
   * answer, or a part was written (see {@link DbPluginsError.partly}); the
   * message says how to find out. In a transaction it is about the call; the
   * error of the transaction itself is about all of its calls. For a migration,
   * it describes the failed step; earlier steps are kept.
   */
  declare outcome?: WriteOutcome;
  /** Creates the error; its `name` is the name of its class. Control characters in
   * the message become escape sequences, because it may repeat text from outside.
   * @param message what could not be done, on what, and why; several lines as a list
   */
  constructor(message: Message, fields: ErrorFields = {}) {
    super(
      typeof message === "string"
        ? printable(message)
        : printableLines(message),
      "cause" in fields ? { cause: fields.cause } : undefined,
    );
    this.name = new.target.name;
  }
}
