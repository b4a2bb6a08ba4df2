// Errors about the schema of a database and its migrations.
import { EXIT } from "./exit_codes.ts";
import { DbPluginsError, type ErrorFields, type Message } from "./error.ts";

/** A question needs an answer from a person, and the process cannot ask. */
export class DecisionError extends DbPluginsError {
  /** The possible answers. */
  readonly options: readonly string[];
  /** Creates the error.
   * @param options the possible answers, as options of the command line
   */
  constructor(
    message: Message,
    options: readonly string[],
    fields: ErrorFields = {},
  ) {
    super(message, fields);
    this.options = options;
  }
}

/** The schema of the database differs from the models. */
export class SchemaError extends DbPluginsError {
  /** One text per difference; empty if the message holds all of it. */
  readonly differences: readonly string[];
  /** The name of the model whose rows cannot be read, if the error is about them. */
  readonly model: string | undefined;
  /** The field that cannot be read, if the error is about one. */
  readonly field: string | undefined;
  /** Creates the error.
   * @param message what differs
   */
  constructor(
    message: Message,
    fields: ErrorFields & {
      readonly differences?: readonly string[];
      readonly model?: string | undefined;
      readonly field?: string | undefined;
    } = {},
  ) {
    super(message, fields);
    this.differences = fields.differences ?? [];
    this.model = fields.model;
    this.field = fields.field;
  }
}

/** A migration or its files are invalid, or a run failed. */
export class MigrationError extends DbPluginsError {
  /** The exit code of `dbp`: 1 the run failed, 2 migrations are pending, 4 files or history are invalid, 5 drift, 6 a file breaks a lint rule, 7 a person must finish it, 64 the arguments are wrong. */
  readonly exitCode: number;
  /** Creates the error.
   * @param message what could not be done, on which file or step, and why
   */
  constructor(
    message: Message,
    fields: ErrorFields & { readonly exitCode?: number | undefined } = {},
  ) {
    super(message, fields);
    this.exitCode = fields.exitCode ?? EXIT.failed;
  }
}

/** Another process holds the migration lock, or this process lost it. */
export class LockError extends DbPluginsError {
  /** The lock holder, as far as the database knows: process, application, statement. */
  readonly holder: string | undefined;
  /** Creates the error.
   * @param message which lock, and how long the process waited
   */
  constructor(
    message: Message,
    fields: ErrorFields & { readonly holder?: string | undefined } = {},
  ) {
    super(message, fields);
    this.holder = fields.holder;
  }
}
