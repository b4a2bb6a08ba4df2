import { SQLSTATE } from "../link/sqlstate.ts";
import {
  AuthenticationError,
  ConnectionError,
  DatabaseError,
  DbPluginsError,
  recordedOutcome,
  SchemaError,
  SerializationError,
  TimeoutError,
  TransactionError,
  withOutcome,
  withOutcomeOf,
} from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { named } from "../codec/quote.ts";
import { constraintError } from "./constraint_error.ts";
import { poolerError } from "./pooler_error.ts";
import { StaleColumnsError } from "./protocol/exchange.ts";
import {
  isHidden,
  isLoss,
  isOfPolicy,
  isServerError,
  isStalePlan,
  type ServerError,
} from "../link/server_error.ts";
import { commandHint } from "../../base/hints.ts";
import { connectionError, recordLoss } from "./connection_error.ts";

/** The user of a connection, and the database. */
interface Login {
  readonly user: string | undefined;
  readonly database: string;
}

/** Converts an error of the driver to an error of this package, with the original as `cause`. */
export type ErrorMapper = (error: unknown) => Error;

/**
 * Creates the mapper of a connection.
 *
 * @param location the location for messages: `PostgreSQL at host:5432, database x`
 * @param failure what a connection error means: a lost connection, or a failure to connect
 * @param login names the user and the database in the error of a user who may not connect
 */
export function errorMapper(
  location: string,
  models: readonly AnyModel[],
  failure: "Lost" | "Cannot connect to" = "Lost",
  login?: Login,
): ErrorMapper {
  const byTable = new Map(models.map((model) => [model.table, model]));
  return (error) => {
    if (error instanceof DbPluginsError) return error;
    if (error instanceof StaleColumnsError) {
      return withOutcomeOf(
        new SerializationError(
          "The table changed while the statement ran: the types of its columns have changed. Run the statement again",
          { cause: error },
        ),
        error,
      );
    }
    if (!(error instanceof Error)) return new DatabaseError(String(error));
    if (error instanceof LostCommitError) {
      const { cause } = error;
      const unknown =
        "during a commit: the transaction may have been committed or not. Check the data before you write it again";
      return withOutcome(
        cause instanceof TimeoutError
          ? new TimeoutError(`${cause.message} ${unknown}`, { cause })
          : new ConnectionError(`Lost ${location} ${unknown}`, { cause }),
        "unknown",
        true,
      );
    }
    if (!isServerError(error)) {
      return withOutcomeOf(connectionError(error, location, failure), error);
    }
    const mapped = constraintError(error, byTable) ??
      serverError(error, location, failure, login);
    // What the server refuses has no effect; what it does not finish may have.
    return recordedOutcome(error) === undefined
      ? withOutcome(
        mapped,
        isLoss(error) ? "unknown" : "not applied",
      )
      : withOutcomeOf(mapped, error);
  };
}

/** The connection was lost during a commit; `cause` is the error of the driver. */
export class LostCommitError extends Error {
  /** Creates the error. */
  constructor(cause: unknown) {
    super("The connection was lost during a commit", { cause });
  }
}

function serverError(
  cause: ServerError,
  location: string,
  failure: string,
  login: Login | undefined,
): Error {
  const { code, message } = cause;
  switch (code) {
    case SQLSTATE.serializationFailure:
    case SQLSTATE.deadlockDetected:
      return new SerializationError(
        `Conflict with another transaction: ${message}; run this transaction again`,
        { cause },
      );
    case SQLSTATE.queryCanceled:
    case SQLSTATE.lockNotAvailable:
      return new TimeoutError(
        `The statement was canceled at ${location}: ${message}`,
        { cause },
      );
    case SQLSTATE.invalidPassword:
    case SQLSTATE.invalidAuthorizationSpecification:
      return new AuthenticationError(
        `Cannot log in to ${location}: ${message}`,
        {
          cause,
        },
      );
    case SQLSTATE.invalidCatalogName:
      return new ConnectionError(
        `Cannot connect to ${location}: ${message}. ${
          commandHint("initdb --create-database")
        } creates it`,
        { cause },
      );
    case SQLSTATE.undefinedTable:
      return new SchemaError(
        `Missing table at ${location}: ${message}. ${
          commandHint("initdb")
        } creates the tables of the models`,
        { cause },
      );
    case SQLSTATE.undefinedColumn:
      return new SchemaError(
        `Missing column at ${location}: ${message}. The models may be ahead of the database: run ${
          commandHint("status")
        }, then ${commandHint("make_migrations")} or ${commandHint("migrate")}`,
        { cause },
      );
    case SQLSTATE.undefinedFunction:
      if (cause.routine !== "op_error") break;
      return new DatabaseError(
        `Cannot run the statement: ${message}. If a column has another type than its field, declare it: meta({ sqlType: "date[]" })`,
        { cause, code },
      );
    case SQLSTATE.insufficientPrivilege:
      if (cause.routine === LOGIN) {
        return new AuthenticationError(
          `Cannot log in to ${location}: ${message}. ${connectText(login)}`,
          { cause },
        );
      }
      return new DatabaseError(
        `Cannot run the statement: ${message}${deniedText(cause)}`,
        { cause, code },
      );
    case SQLSTATE.readOnlySqlTransaction:
      return new DatabaseError(
        `Cannot write at ${location}: ${message}. The transaction has the option readOnly, the server is a standby, or default_transaction_read_only is on for the server, the database, or the role; ALTER ROLE … SET default_transaction_read_only = off turns that off for a role`,
        { cause, code },
      );
    case SQLSTATE.inFailedSqlTransaction:
      return new TransactionError(
        "Cannot continue this transaction: a statement failed, so the whole transaction will be rolled back",
        { cause },
      );
    case SQLSTATE.invalidSqlStatementName:
      if (!isOfOwnStatement(cause)) break;
      return new SerializationError(
        `The server removed the prepared statements of the connection during the transaction: ${message}; run the transaction again. Behind a pooler in transaction mode, set PREPARE: false`,
        { cause },
      );
    case SQLSTATE.duplicatePreparedStatement:
      return new DatabaseError(
        `${message}. Behind a pooler in transaction mode, set PREPARE: false`,
        { cause, code },
      );
  }
  if (isStalePlan(cause)) {
    return new SerializationError(
      `The table changed during the transaction: ${message}; run the transaction again`,
      { cause },
    );
  }
  const fromPooler = poolerError(cause, location);
  if (fromPooler !== undefined) return fromPooler;
  const isLost = isLoss(cause);
  return isLost || code === SQLSTATE.tooManyConnections
    ? recordLoss(
      new ConnectionError(`${failure} ${location}: ${message}`, { cause }),
      isLost && failure === "Lost",
    )
    : new DatabaseError(
      failure === "Lost"
        ? `Cannot run the statement: ${message}`
        : `${failure} ${location}: ${message}`,
      { cause, code },
    );
}

/** Whether an error is about a statement that this package prepared: the message, in any language, contains its name. An EXECUTE of the caller names another one. */
function isOfOwnStatement({ message, routine }: ServerError): boolean {
  return routine !== "FetchPreparedStatement" || message.includes(OWN_NAME);
}

/** The beginning of the names of the statements that this package prepares. */
const OWN_NAME = "dbp_";

/** What to do about a denied statement while the missing right is not known. */
export const LACKED_RIGHT: string =
  ` (${SQLSTATE.insufficientPrivilege}). The role lacks a right: ask the owner of that object or an administrator of the database to grant it`;

/** The function of the server that denies a role its database. */
const LOGIN = "CheckMyDatabase";

function connectText(login: Login | undefined): string {
  if (login?.user === undefined) {
    return "The role lacks CONNECT on the database: ask its owner to grant it";
  }
  const role = named(login.user);
  return `The role ${role} lacks CONNECT on the database: its owner can run GRANT CONNECT ON DATABASE ${
    named(login.database)
  } TO ${role}`;
}

function deniedText(cause: ServerError): string {
  if (isOfPolicy(cause)) {
    return ". A policy of the table does not allow this row, or hides the existing row with its key";
  }
  return isHidden(cause) ? "" : LACKED_RIGHT;
}
