import {
  AuthenticationError,
  CheckError,
  ConnectionError,
  DatabaseError,
  DbPluginsError,
  SerializationError,
  TimeoutError,
  TransactionError,
  withOutcomeOf,
} from "../../base/errors/mod.ts";
import { permissionError } from "../../base/permission_text.ts";
import { withoutCredentials } from "../../base/url_secrets.ts";
import type { AnyModel } from "../../model/types.ts";
import {
  CODE,
  CONFLICT_CODES,
  INTERRUPTED_CODES,
  TIMEOUT_CODES,
  UNCONFIRMED_CODES,
  UNREACHABLE_CODES,
} from "../link/codes.ts";
import { duplicateKeyError, isDuplicateKey } from "../link/duplicate_key.ts";
import type { Command } from "../link/link.ts";
import {
  isMongoError,
  type MongoDriverError,
  unwrapped,
  writeErrorsOf,
} from "../link/mongo_error.ts";
import { isTooLarge, limitError } from "./limits.ts";
import { noTransactionsError } from "../link/no_transactions_error.ts";
import { permissionText } from "./permission_text.ts";

/** Returns the error of this package for an error of the driver, which becomes its `cause`. */
export type ErrorMapper = (
  error: unknown,
  table?: string,
  command?: Command,
) => Error;

/** Names of errors of the driver about a connection: a server that left the replica set answers in a form that the driver does not expect. */
const CONNECTION_NAMES =
  /^Mongo(?:Network|Server|Topology|Client|Pool|NotConnected|Expired|StalePrimary|System|UnexpectedServerResponse)/;
/** Codes of errors of a socket. */
const SOCKET_CODES = /^E(?:CONN|PIPE|HOST|NET)/;

/**
 * The mapper for errors of a server, such as `MongoDB at host:27017`, and the
 * collections of some models.
 *
 * @param failure what a broken connection means: it was lost, or never opened
 */
export function errorMapper(
  server: string,
  models: readonly AnyModel[],
  failure: "Lost the connection to" | "Cannot connect to" =
    "Lost the connection to",
): ErrorMapper {
  const byTable = new Map(models.map((model) => [model.table, model]));
  return (error, table, command) => {
    if (error instanceof DbPluginsError) return error;
    if (!(error instanceof Error)) return new DatabaseError(String(error));
    const model = table === undefined ? undefined : byTable.get(table);
    const code = isMongoError(error) ? codeOf(error) : undefined;
    const mapped = limitError(error, code, table, command, model) ??
      (code === undefined
        ? connectionError(error, server, failure)
        : serverError(error, code, server, table, model, failure));
    return withOutcomeOf(mapped, error);
  };
}

/** Whether an error leaves open if the server carried out the command: the answer is missing, or says nothing about it. */
export function isUnanswered(failure: MongoDriverError): boolean {
  const error = unwrapped(failure);
  const code = codeOf(error);
  if (code !== undefined) {
    return UNREACHABLE_CODES.has(code) || TIMEOUT_CODES.has(code) ||
      UNCONFIRMED_CODES.has(code) || INTERRUPTED_CODES.has(code) ||
      error.name === "MongoWriteConcernError";
  }
  return !isTooLarge(error) && error.name !== "MongoInvalidArgumentError";
}

/** The server's code. For several documents, the first code other than a duplicate key. */
function codeOf(error: MongoDriverError): number | undefined {
  const codes = [error.code, ...writeErrorsOf(error).map(({ code }) => code)]
    .filter((code) => typeof code === "number");
  return codes.find((code) => !isDuplicateKey(code)) ?? codes[0];
}

function serverError(
  cause: MongoDriverError,
  code: number,
  server: string,
  table: string | undefined,
  model: AnyModel | undefined,
  failure: string,
): Error {
  const message = withoutCredentials(cause.message);
  if (isDuplicateKey(code)) {
    return duplicateKeyError(model, table, message, cause);
  }
  if (code === CODE.documentValidationFailure) {
    return validationError(cause, table, model);
  }
  if (TIMEOUT_CODES.has(code)) {
    return new TimeoutError(`The command timed out at ${server}: ${message}`, {
      cause,
    });
  }
  if (UNREACHABLE_CODES.has(code)) {
    return new ConnectionError(`${failure} ${server}: ${message}`, { cause });
  }
  if (code === CODE.cursorNotFound) {
    return new ConnectionError(
      `Lost the cursor of a read at ${server}: ${message}. The server restarted, or the program read no row for ten minutes. Read again`,
      { cause },
    );
  }
  if (code === CODE.noSuchTransaction && /has been aborted/.test(message)) {
    return new TimeoutError(
      `${server} aborted the transaction: ${message}. The server aborts a transaction that takes longer than transactionLifetimeLimitSeconds, by default one minute`,
      { cause },
    );
  }
  if (
    CONFLICT_CODES.has(code) ||
    cause.hasErrorLabel?.("TransientTransactionError") === true
  ) {
    return new SerializationError(
      `The operation conflicts with another transaction: ${message}. Run it again`,
      { cause },
    );
  }
  const missing = permissionText(message);
  if (code === CODE.unauthorized || missing !== undefined) {
    return new AuthenticationError(
      `Permission denied at ${server}: ${missing ?? message}`,
      { cause },
    );
  }
  if (code === CODE.authenticationFailed || code === CODE.atlasError) {
    return new AuthenticationError(`Cannot log in to ${server}: ${message}`, {
      cause,
    });
  }
  return code === CODE.illegalOperation && /replica set/.test(message)
    ? noTransactionsError(cause)
    : new DatabaseError(message, { cause, code: String(code) });
}

function connectionError(cause: Error, server: string, failure: string): Error {
  const refused = permissionError(server, cause);
  if (refused !== undefined) return refused;
  const { name } = isMongoError(cause) ? unwrapped(cause) : cause;
  const message = withoutCredentials(cause.message);
  if (/ENOTFOUND|EAI_AGAIN|ENODATA|No addresses found/.test(message)) {
    return new ConnectionError(
      `Cannot connect to ${server}: the host does not exist`,
      { cause },
    );
  }
  if (/ECONNREFUSED/.test(message)) {
    return new ConnectionError(
      `Cannot connect to ${server}: no server listens at this address`,
      { cause },
    );
  }
  if (
    name === "MongoOperationTimeoutError" ||
    name === "MongoNetworkTimeoutError" ||
    name === "MongoWaitQueueTimeoutError" ||
    /Server selection timed out|timed out after/.test(message)
  ) {
    return new TimeoutError(`${server} did not answer in time: ${message}`, {
      cause,
    });
  }
  const code = "code" in cause ? String(cause.code) : "";
  if (CONNECTION_NAMES.test(name) || SOCKET_CODES.test(code)) {
    return new ConnectionError(`${failure} ${server}: ${message}`, { cause });
  }
  return name === "MongoTransactionError"
    ? new TransactionError(message, { cause })
    : new DatabaseError(message, { cause });
}

/** The error about a document that violates the validator of its collection. */
function validationError(
  cause: MongoDriverError,
  table: string | undefined,
  model: AnyModel | undefined,
): CheckError {
  const columns = new Set<string>();
  const info = cause.errInfo ??
    writeErrorsOf(cause).find(({ errInfo }) => errInfo !== undefined)?.errInfo;
  collectProperties(info, columns);
  const fields = [...columns].map((column) =>
    model?.fields.find((field) => field.column === column)?.name ?? column
  );
  const reason = fields.length === 0 ? "" : `: ${fields.join(", ")}`;
  return new CheckError(
    `Cannot write ${
      model?.name ?? table ?? "the row"
    }: a document violates the validator of the collection${reason}`,
    {
      cause,
      model: model?.name,
      table,
      constraint: "$jsonSchema",
      fields,
    },
  );
}

/** Collects the names in `propertyName` and `missingProperties` at any level. */
function collectProperties(info: unknown, names: Set<string>): void {
  if (typeof info !== "object" || info === null) return;
  for (const [key, value] of Object.entries(info)) {
    if (key === "propertyName" && typeof value === "string") names.add(value);
    else if (key === "missingProperties" && Array.isArray(value)) {
      for (const name of value) names.add(String(name));
    } else collectProperties(value, names);
  }
}
