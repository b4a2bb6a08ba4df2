import { isConnectionLoss, SQLSTATE } from "./sqlstate.ts";
import { DatabaseError, SerializationError } from "../../base/errors/mod.ts";

/** An error of the server, as `pg` and PGlite report it. */
export interface ServerError extends Error {
  readonly code: string;
  readonly detail?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  /** The character of the statement where the error is, from 1. */
  readonly position?: string;
  /** The function of the server that raised the error. It is the same in all languages of the server. */
  readonly routine?: string;
}

/** Whether an error comes from the server, not from the connection to it. */
export function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && "code" in error &&
    typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) &&
    !/^E[A-Z]{4}$/.test(error.code);
}

/** Returns the error of the server that caused an error, if there is one. */
export function serverErrorOf(error: unknown): ServerError | undefined {
  if (!(error instanceof Error)) return undefined;
  return serverErrorOf(error.cause) ??
    (isServerError(error) ? error : undefined);
}

/** Returns the SQLSTATE of an error or its cause, or undefined if it does not come from the server. */
export function sqlStateOf(error: unknown): string | undefined {
  return serverErrorOf(error)?.code;
}

/** Whether a statement failed because the table changed after the statement was prepared. */
export function isStalePlan(error: unknown): boolean {
  return isServerError(error) && error.code === SQLSTATE.featureNotSupported &&
    error.routine === "RevalidateCachedQuery";
}

/** Whether a statement failed because it is not prepared on its connection. */
export function isUnprepared(error: unknown): boolean {
  return isServerError(error) &&
    error.code === SQLSTATE.invalidSqlStatementName;
}

/** Whether the server canceled a statement because of a deadlock. */
export function isDeadlock(error: unknown): boolean {
  return error instanceof SerializationError &&
    isServerError(error.cause) &&
    error.cause.code === SQLSTATE.deadlockDetected;
}

/** Whether the server ended the connection. A statement that lacks a value has the code of a protocol violation, but the connection can be used after it. */
export function isLoss({ code, routine }: ServerError): boolean {
  return isConnectionLoss(code) && routine !== "exec_bind_message";
}

/** Whether the connection cannot be used after an error. */
export function isBroken(error: unknown): boolean {
  return !isServerError(error) || isLoss(error);
}

/** Whether the server denied a statement for a missing right or a policy. */
export function isDenied(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError &&
    error.code === SQLSTATE.insufficientPrivilege;
}

/** Whether a statement names a function, type, or schema that does not exist. */
export function isMissingObject(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === SQLSTATE.undefinedFunction ||
    code === SQLSTATE.undefinedObject || code === SQLSTATE.undefinedSchema;
}

/** Whether a number is outside the range of its type. */
export function isOutOfRange({ code }: DatabaseError): boolean {
  return code === SQLSTATE.numericValueOutOfRange;
}

/** Whether a policy of row-level security denied a row. */
export function isOfPolicy(error: unknown): boolean {
  const cause = serverErrorOf(error);
  return cause?.code === SQLSTATE.insufficientPrivilege &&
    cause.routine === "ExecWithCheckOptions";
}

/** Whether the server rejected a statement because policies hide rows. */
export function isHidden(error: unknown): boolean {
  const cause = serverErrorOf(error);
  return cause?.code === SQLSTATE.insufficientPrivilege &&
    cause.routine === "check_enable_rls";
}
