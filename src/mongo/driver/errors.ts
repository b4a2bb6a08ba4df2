import {
  AuthenticationError,
  CheckError,
  ConnectionError,
  DatabaseError,
  DbPluginsError,
  SerializationError,
  TimeoutError,
  TransactionError,
} from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import {
  type DriverError,
  fieldsOf,
  isDrivers,
  listOf,
} from "../link/driver_error.ts";
import { beyondLimits, isTooLarge } from "./limits.ts";
import type { Command } from "../link/link.ts";
import { isTaken, takenError } from "../link/duplicate_key.ts";

/** How an error of the driver's is told: one of this package's, with the driver's as `cause`. */
export type ErrorMapper = (
  error: unknown,
  table?: string,
  command?: Command,
) => Error;

/** Credentials in a URL, wherever one may stand. */
const CREDENTIALS = /:\/\/[^\s/@'"]*@/g;
/** Codes of a server that is going away or is not the one that writes: src/mongo/base/error_codes.yml. */
const UNREACHABLE = new Set([
  ...[6, 7, 91, 189, 9001, 10058, 10107, 11600, 11602, 13435, 13436],
]);
const TOO_LATE = new Set([50, 89, 202, 262]);
const IN_THE_WAY = new Set([24, 112, 117, 246, 251]);
/** No such transaction: a new primary knows none, and this one may have ended it. */
const GONE = 251;

/**
 * A mapper for errors at a place, named as in `MongoDB at host:27017`, on the
 * collections of these models.
 *
 * @param failed what a broken connection means: it was lost, or never made
 */
export function errorMapper(
  place: string,
  models: readonly AnyModel[],
  failed: "Lost" | "Cannot connect to" = "Lost",
): ErrorMapper {
  const byTable = new Map(models.map((model) => [model.table, model]));
  return (error, table, command) => {
    if (error instanceof DbPluginsError) return error;
    if (!(error instanceof Error)) return new DatabaseError(String(error));
    const model = table === undefined ? undefined : byTable.get(table);
    const code = isDrivers(error) ? codeOf(error) : undefined;
    const beyond = beyondLimits(error, code, table, command, model);
    if (beyond !== undefined) return beyond;
    return code !== undefined
      ? ofServer(error, code, place, table, model, failed)
      : ofConnection(error, place, failed);
  };
}

/** Whether an error is that no answer came, or none that tells how far the server got. */
export function isMissing(error: DriverError): boolean {
  const code = codeOf(error);
  if (code !== undefined) return UNREACHABLE.has(code) || TOO_LATE.has(code);
  return !isTooLarge(error) && error.name !== "MongoInvalidArgumentError";
}

/** A message without credentials. */
export function scrubbed(message: string): string {
  return message.replaceAll(CREDENTIALS, "://…@");
}

/** The server's code; of several documents' the first that says more than that a key is taken. */
function codeOf({ code, writeErrors }: DriverError): number | undefined {
  const codes = [code, ...listOf(writeErrors).map((one) => fieldsOf(one).code)]
    .filter((one) => typeof one === "number");
  return codes.find((one) => !isTaken(one)) ?? codes[0];
}

function ofServer(
  cause: DriverError,
  code: number,
  place: string,
  table: string | undefined,
  model: AnyModel | undefined,
  failed: string,
): Error {
  const message = scrubbed(cause.message);
  if (isTaken(code)) return takenError(model, table, message, cause);
  if (code === 121) return refused(cause, table, model);
  if (TOO_LATE.has(code)) {
    return new TimeoutError(
      `The command was given up at ${place}: ${message}`,
      {
        cause,
      },
    );
  }
  if (UNREACHABLE.has(code)) {
    return new ConnectionError(`${failed} ${place}: ${message}`, { cause });
  }
  if (code === GONE && /has been aborted/.test(message)) {
    return ended(message, place, cause);
  }
  if (
    IN_THE_WAY.has(code) ||
    cause.hasErrorLabel?.("TransientTransactionError") === true
  ) {
    return new SerializationError(
      `Another transaction was in the way: ${message}; run this one again`,
      { cause },
    );
  }
  if (code === 18 || code === 13 || code === 8000) {
    return new AuthenticationError(
      code === 13
        ? `Cannot do this at ${place}: ${message}`
        : `Cannot log in at ${place}: ${message}`,
      { cause },
    );
  }
  if (code === 20 && /replica set/.test(message)) return standalone(cause);
  return new DatabaseError(message, { cause, code: String(code) });
}

/** A transaction that the server has ended by itself, which is after `transactionLifetimeLimitSeconds`. */
function ended(message: string, place: string, cause: Error): TimeoutError {
  return new TimeoutError(
    `The transaction was ended by ${place}: ${message}. One that lives longer than the server's transactionLifetimeLimitSeconds, a minute by default, is ended`,
    { cause },
  );
}

/** A server that runs alone keeps no log that transactions need. */
export function standalone(cause?: unknown): TransactionError {
  return new TransactionError(
    "Cannot begin a transaction: this MongoDB runs alone, and transactions need a replica set. One node is enough: start mongod with --replSet rs0 and run rs.initiate() once. Without, every method outside transaction() works",
    { cause },
  );
}

function ofConnection(cause: Error, place: string, failed: string): Error {
  const { name } = cause;
  const message = scrubbed(cause.message);
  if (/ENOTFOUND|EAI_AGAIN|ENODATA|No addresses found/.test(message)) {
    return new ConnectionError(`Cannot connect to ${place}: no such host`, {
      cause,
    });
  }
  if (/ECONNREFUSED/.test(message)) {
    return new ConnectionError(
      `Cannot connect to ${place}: nothing listens there`,
      { cause },
    );
  }
  if (
    name === "MongoOperationTimeoutError" ||
    name === "MongoNetworkTimeoutError" ||
    name === "MongoWaitQueueTimeoutError" ||
    /Server selection timed out|timed out after/.test(message)
  ) {
    return new TimeoutError(`No answer from ${place} in time: ${message}`, {
      cause,
    });
  }
  if (
    /^Mongo(?:Network|Server|Topology|Client|Pool|NotConnected|Expired)/.test(
      name,
    )
  ) {
    return new ConnectionError(`${failed} ${place}: ${message}`, { cause });
  }
  return name === "MongoTransactionError"
    ? new TransactionError(message, { cause })
    : new DatabaseError(message, { cause });
}

/** What the rules of a collection have against a document. */
function refused(
  cause: DriverError,
  table: string | undefined,
  model: AnyModel | undefined,
): CheckError {
  const columns = new Set<string>();
  namesIn(cause.errInfo ?? firstInfo(cause), columns);
  const fields = [...columns].map((column) =>
    model?.fields.find((field) => field.column === column)?.name ?? column
  );
  const what = fields.length === 0 ? "" : `: ${fields.join(", ")}`;
  return new CheckError(
    `Cannot write ${
      table ?? "the row"
    }: the collection's rules refuse a document${what}`,
    { cause, table, constraint: "$jsonSchema", fields },
  );
}

function firstInfo({ writeErrors }: DriverError): unknown {
  return listOf(writeErrors).map((one) => fieldsOf(one).errInfo)
    .find((info) => info !== undefined);
}

/** The names under `propertyName` and `missingProperties`, wherever the server puts them. */
function namesIn(info: unknown, names: Set<string>): void {
  if (typeof info !== "object" || info === null) return;
  for (const [key, value] of Object.entries(info)) {
    if (key === "propertyName" && typeof value === "string") names.add(value);
    else if (key === "missingProperties" && Array.isArray(value)) {
      for (const name of value) names.add(String(name));
    } else namesIn(value, names);
  }
}
