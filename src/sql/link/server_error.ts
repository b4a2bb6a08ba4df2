import { isConnectionLoss, SQLSTATE } from "./sqlstate.ts";
import { SerializationError } from "../../base/errors/mod.ts";

/** What a server says of an error, as `pg` and PGlite pass it on. */
export interface ServerError extends Error {
  readonly code: string;
  readonly detail?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

/** Whether an error is what a server said, and nothing of the way there. */
export function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && "code" in error &&
    typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) &&
    !/^E[A-Z]{4}$/.test(error.code);
}

/** What the server said, where an error came of that: the driver's own error, which knows most. */
export function serverErrorOf(error: unknown): ServerError | undefined {
  if (!(error instanceof Error)) return undefined;
  return serverErrorOf(error.cause) ??
    (isServerError(error) ? error : undefined);
}

/** The SQLSTATE that an error, or what it came of, was raised with; undefined where no server raised it. */
export function sqlStateOf(error: unknown): string | undefined {
  return serverErrorOf(error)?.code;
}

/** Whether a statement failed because its prepared plan no longer fits the table, which was changed meanwhile. */
export function isStalePlan(error: unknown): boolean {
  return isServerError(error) && error.code === SQLSTATE.featureNotSupported &&
    error.message.includes("cached plan");
}

/** Whether a statement failed because its connection has not prepared it. */
export function isUnprepared(error: unknown): boolean {
  return isServerError(error) &&
    error.code === SQLSTATE.invalidSqlStatementName;
}

/** Whether a statement was ended because it and another transaction waited for each other. */
export function isDeadlock(error: unknown): boolean {
  return error instanceof SerializationError &&
    isServerError(error.cause) &&
    error.cause.code === SQLSTATE.deadlockDetected;
}

/** Whether a connection is of no more use after an error. */
export function isBroken(error: unknown): boolean {
  return !isServerError(error) || isConnectionLoss(error.code);
}
