import {
  AuthenticationError,
  CheckError,
  ConnectionError,
  type ConstraintFields,
  DatabaseError,
  DbPluginsError,
  DuplicateKeyError,
  ForeignKeyError,
  NotNullError,
  SchemaError,
  SerializationError,
  TimeoutError,
  TransactionError,
} from "../errors.ts";
import type { AnyModel } from "../model/types.ts";

/** What a server says of an error, as `pg` and PGlite pass it on. */
export interface ServerError extends Error {
  readonly code: string;
  readonly detail?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

/** How an error of a driver's is told: one of this package's, with the driver's as `cause`. */
export type ErrorMapper = (error: unknown) => Error;

/**
 * A mapper for errors at a place, named as in `PostgreSQL at host:5432`, on
 * the tables of these models.
 *
 * @param failed what a broken connection means: it was lost, or never made
 */
export function errorMapper(
  place: string,
  models: readonly AnyModel[],
  failed: "Lost" | "Cannot connect to" = "Lost",
): ErrorMapper {
  const byTable = new Map(models.map((model) => [model.table, model]));
  return (error) => {
    if (error instanceof DbPluginsError) return error;
    if (!(error instanceof Error)) return new DatabaseError(String(error));
    if (error instanceof LostCommitError) {
      return new ConnectionError(
        `Lost ${place} while a transaction was committed: what it wrote may be there, or not. Look before it is written again`,
        { cause: error.cause },
      );
    }
    if (isServerError(error)) return ofServer(error, place, byTable, failed);
    return ofConnection(error, place, failed);
  };
}

/** Whether a statement failed because its prepared plan no longer fits the table, which was changed meanwhile. */
export function isStalePlan(error: unknown): boolean {
  return error instanceof Error && isServerError(error) &&
    error.code === "0A000" && error.message.includes("cached plan");
}

/** Whether a statement failed because its connection has not prepared it. */
export function isUnprepared(error: unknown): boolean {
  return error instanceof Error && isServerError(error) &&
    error.code === "26000";
}

/** A commit whose answer never came; the driver's own error is the `cause`. */
export class LostCommitError extends Error {
  /** Made where it is thrown. */
  constructor(cause: unknown) {
    super("The answer to a commit was lost", { cause });
  }
}

/** Whether a statement was ended because it and another transaction waited for each other. */
export function isDeadlock(error: unknown): boolean {
  return error instanceof SerializationError &&
    error.cause instanceof Error && isServerError(error.cause) &&
    error.cause.code === "40P01";
}

/** The SQLSTATE that an error, or what it came of, was raised with; undefined where no server raised it. */
export function sqlStateOf(error: unknown): string | undefined {
  return serverErrorOf(error)?.code;
}

/** What the server said, where an error came of that: the driver's own error, which knows most. */
export function serverErrorOf(error: unknown): ServerError | undefined {
  if (!(error instanceof Error)) return undefined;
  return serverErrorOf(error.cause) ??
    (isServerError(error) ? error : undefined);
}

/** Whether the server refused a statement, and with it the rest of its transaction. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && isServerError(error);
}

/** Whether a connection is of no more use after an error. */
export function isBroken(error: unknown): boolean {
  return !(error instanceof Error && isServerError(error)) ||
    /^(?:08|57P0)/.test(error.code);
}

function isServerError(error: Error): error is ServerError {
  return "code" in error && typeof error.code === "string" &&
    /^[0-9A-Z]{5}$/.test(error.code) && !/^E[A-Z]{4}$/.test(error.code);
}

function ofServer(
  cause: ServerError,
  place: string,
  byTable: ReadonlyMap<string, AnyModel>,
  failed: string,
): Error {
  const { code, message } = cause;
  switch (code) {
    case "23505":
      return new DuplicateKeyError(
        `Cannot write ${about(cause)}: the key ${
          keyOf(cause, byTable)
        } is taken (${cause.constraint})`,
        constraintOf(cause, byTable),
      );
    case "23503":
      return new ForeignKeyError(
        `Cannot write ${about(cause)}: ${
          cause.detail ?? message
        } (${cause.constraint})`,
        constraintOf(cause, byTable),
      );
    case "23502":
      return new NotNullError(
        `Cannot write ${about(cause)}: ${
          fieldOf(cause, byTable, cause.column ?? "a field")
        } is required`,
        {
          ...constraintOf(cause, byTable),
          fields: cause.column === undefined
            ? []
            : [fieldOf(cause, byTable, cause.column)],
        },
      );
    case "23514":
      return new CheckError(
        `Cannot write ${
          about(cause)
        }: the rule ${cause.constraint} does not hold`,
        constraintOf(cause, byTable),
      );
    case "40001":
    case "40P01":
      return new SerializationError(
        `Another transaction was in the way: ${message}; run this one again`,
        { cause },
      );
    case "57014":
    case "55P03":
      return new TimeoutError(
        `The statement was given up at ${place}: ${message}`,
        { cause },
      );
    case "28P01":
    case "28000":
      return new AuthenticationError(`Cannot log in at ${place}: ${message}`, {
        cause,
      });
    case "3D000":
      return new ConnectionError(
        `Cannot connect to ${place}: ${message}. \`dbp initdb --create-database\` makes it`,
        { cause },
      );
    case "42P01":
      return new SchemaError(
        `The database at ${place} has no such table: ${message}. \`dbp initdb\` and db.createDb() make the tables of the models`,
        { cause },
      );
    case "42703":
      return new SchemaError(
        `The database at ${place} has no such column: ${message}. Where a model has it, \`dbp initdb\` names every difference`,
        { cause },
      );
    case "25P02":
      return new TransactionError(
        "Cannot go on in this transaction: a statement in it failed, so nothing of it will be kept",
        { cause },
      );
    case "26000":
    case "42P05":
      return new DatabaseError(
        `${message}. Behind a pooler that shares connections by transaction, set PREPARE: false`,
        { cause, code },
      );
  }
  if (isStalePlan(cause)) {
    return new SerializationError(
      `The table was changed meanwhile: ${message}; run this again`,
      { cause },
    );
  }
  return /^(?:08|57P0|53300)/.test(code)
    ? new ConnectionError(`${failed} ${place}: ${message}`, { cause })
    : new DatabaseError(message, { cause, code });
}

function ofConnection(cause: Error, place: string, failed: string): Error {
  const { message } = cause;
  const code = "code" in cause ? String(cause.code) : "";
  if (/tim(?:ed?|e-)\s?out/i.test(message) || code === "ETIMEDOUT") {
    return /exceeded when trying to connect/.test(message)
      ? new TimeoutError(
        `No connection to ${place} was free or could be made within CONNECT_TIMEOUT`,
        { cause },
      )
      : new TimeoutError(`No answer from ${place} within CONNECT_TIMEOUT`, {
        cause,
      });
  }
  if (/password must be a (?:non-empty )?string/.test(message)) {
    return new AuthenticationError(
      `Cannot log in at ${place}: it asks for a password, and PASSWORD is not set`,
      { cause },
    );
  }
  switch (code) {
    case "ECONNREFUSED":
      return new ConnectionError(
        `Cannot connect to ${place}: nothing listens there`,
        { cause },
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
    case "ENODATA":
      return new ConnectionError(`Cannot connect to ${place}: no such host`, {
        cause,
      });
  }
  return new ConnectionError(`${failed} ${place}: ${message || code}`, {
    cause,
  });
}

function constraintOf(
  cause: ServerError,
  byTable: ReadonlyMap<string, AnyModel>,
): ConstraintFields {
  return {
    cause,
    table: cause.table,
    constraint: cause.constraint,
    fields: columnsOf(cause).map((column) => fieldOf(cause, byTable, column)),
  };
}

function about({ table }: ServerError): string {
  return table ?? "the row";
}

function keyOf(
  cause: ServerError,
  byTable: ReadonlyMap<string, AnyModel>,
): string {
  const fields = columnsOf(cause).map((column) =>
    fieldOf(cause, byTable, column)
  );
  return fields.length === 0 ? "a key" : fields.join(", ");
}

/** The columns named in `Key (candid, oid)=(…)`, which every language of the server's keeps as it is. */
function columnsOf({ detail }: ServerError): string[] {
  const [, list] = /\(([^()]+)\)=\(/.exec(detail ?? "") ?? [];
  return list?.split(", ").map((name) => name.replaceAll('"', "")) ?? [];
}

function fieldOf(
  { table }: ServerError,
  byTable: ReadonlyMap<string, AnyModel>,
  column: string,
): string {
  const model = table === undefined ? undefined : byTable.get(table);
  return model?.fields.find((field) => field.column === column)?.name ?? column;
}
