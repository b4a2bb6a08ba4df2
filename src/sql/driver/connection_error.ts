import {
  AuthenticationError,
  ConnectionError,
  TimeoutError,
} from "../../base/errors/mod.ts";
import { permissionError } from "../../base/permission_text.ts";

/** Converts an error without an answer of the server. */
export function connectionError(
  cause: Error,
  location: string,
  failure: string,
): Error {
  const refused = permissionError(location, cause);
  if (refused !== undefined) return refused;
  const { message } = cause;
  const code = "code" in cause ? String(cause.code) : "";
  if (/tim(?:ed?|e-)\s?out/i.test(message) || code === "ETIMEDOUT") {
    const late = /exceeded when trying to connect/.test(message)
      ? new TimeoutError(
        `No connection to ${location} was free or could be opened within CONNECT_TIMEOUT`,
        { cause },
      )
      : new TimeoutError(`No answer from ${location} within CONNECT_TIMEOUT`, {
        cause,
      });
    unconnected.add(late);
    return late;
  }
  if (/password must be a (?:non-empty )?string/.test(message)) {
    return new AuthenticationError(
      `Cannot log in to ${location}: the server requires a password, and PASSWORD is not set`,
      { cause },
    );
  }
  switch (code) {
    case "ECONNREFUSED":
      return new ConnectionError(
        `Cannot connect to ${location}: connection refused`,
        { cause },
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
    case "ENODATA":
      return new ConnectionError(
        `Cannot connect to ${location}: unknown host`,
        {
          cause,
        },
      );
  }
  return recordLoss(
    new ConnectionError(`${failure} ${location}: ${message || code}`, {
      cause,
    }),
    failure === "Lost",
  );
}

const unconnected = new WeakSet<object>();

/** Whether no connection could be opened in time. */
export function isUnconnected(error: unknown): boolean {
  return typeof error === "object" && error !== null && unconnected.has(error);
}

const losses = new WeakSet<object>();

/** Remembers an error that says that an open connection was lost. */
export function recordLoss(
  error: ConnectionError,
  isLoss: boolean,
): ConnectionError {
  if (isLoss) losses.add(error);
  return error;
}

/** Whether an open connection was lost. */
export function isLost(error: unknown): boolean {
  return typeof error === "object" && error !== null && losses.has(error);
}
