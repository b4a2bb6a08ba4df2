import { EXIT } from "./exit_codes.ts";
import { DbPluginsError, type ErrorFields } from "./error.ts";

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
  /** What `dbp` ends with: 1 the run failed, 2 something is pending, 4 files or history are invalid, 5 drift, 6 a rule is broken, 7 a person must finish it, 64 what was asked for is wrong. */
  readonly exitCode: number;
  /** Made where it is thrown.
   * @param message what was tried, on which file or step, and what was found
   */
  constructor(
    message: string,
    fields: ErrorFields & { readonly exitCode?: number | undefined } = {},
  ) {
    super(message, fields);
    this.exitCode = fields.exitCode ?? EXIT.failed;
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
