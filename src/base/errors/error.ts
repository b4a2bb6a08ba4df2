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
