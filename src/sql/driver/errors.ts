import { isConnectionLoss, SQLSTATE } from "../link/sqlstate.ts";
import {
  AuthenticationError,
  ConnectionError,
  DatabaseError,
  DbPluginsError,
  SchemaError,
  SerializationError,
  TimeoutError,
  TransactionError,
} from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { constraintError } from "./constraint_error.ts";
import { poolerError } from "./pooler_error.ts";
import {
  isServerError,
  isStalePlan,
  type ServerError,
} from "../link/server_error.ts";

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
    return isServerError(error)
      ? constraintError(error, byTable) ?? ofServer(error, place, failed)
      : ofConnection(error, place, failed);
  };
}

/** A commit whose answer never came; the driver's own error is the `cause`. */
export class LostCommitError extends Error {
  /** Made where it is thrown. */
  constructor(cause: unknown) {
    super("The answer to a commit was lost", { cause });
  }
}

function ofServer(
  cause: ServerError,
  place: string,
  failed: string,
): Error {
  const { code, message } = cause;
  switch (code) {
    case SQLSTATE.serializationFailure:
    case SQLSTATE.deadlockDetected:
      return new SerializationError(
        `Another transaction was in the way: ${message}; run this one again`,
        { cause },
      );
    case SQLSTATE.queryCanceled:
    case SQLSTATE.lockNotAvailable:
      return new TimeoutError(
        `The statement was given up at ${place}: ${message}`,
        { cause },
      );
    case SQLSTATE.invalidPassword:
    case SQLSTATE.invalidAuthorizationSpecification:
      return new AuthenticationError(`Cannot log in at ${place}: ${message}`, {
        cause,
      });
    case SQLSTATE.invalidCatalogName:
      return new ConnectionError(
        `Cannot connect to ${place}: ${message}. \`dbp initdb --create-database\` makes it`,
        { cause },
      );
    case SQLSTATE.undefinedTable:
      return new SchemaError(
        `The database at ${place} has no such table: ${message}. \`dbp initdb\` and db.createDb() make the tables of the models`,
        { cause },
      );
    case SQLSTATE.undefinedColumn:
      return new SchemaError(
        `The database at ${place} has no such column: ${message}. Where a model has it, \`dbp initdb\` names every difference`,
        { cause },
      );
    case SQLSTATE.inFailedSqlTransaction:
      return new TransactionError(
        "Cannot go on in this transaction: a statement in it failed, so nothing of it will be kept",
        { cause },
      );
    case SQLSTATE.invalidSqlStatementName:
    case SQLSTATE.duplicatePreparedStatement:
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
  const ofPooler = poolerError(cause, place);
  if (ofPooler !== undefined) return ofPooler;
  return isConnectionLoss(code) || code === SQLSTATE.tooManyConnections
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
