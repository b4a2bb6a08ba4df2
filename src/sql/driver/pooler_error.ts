import { ConnectionError, TimeoutError } from "../../base/errors/mod.ts";

/** The settings that send a startup parameter. */
const SETTINGS: Readonly<Record<string, string>> = {
  statement_timeout: "STATEMENT_TIMEOUT",
  options: "PGOPTIONS of the environment",
};

/** The message of PgBouncer in statement mode. */
const NO_TRANSACTIONS =
  /transaction blocks not allowed in statement pooling mode/;

/** Whether the message comes from a pooler in statement mode. */
export function isStatementPooling(message: string): boolean {
  return NO_TRANSACTIONS.test(message);
}

/** Converts the error of a connection pooler; returns undefined for other errors. */
export function poolerError(
  cause: Error,
  location: string,
): Error | undefined {
  const { message } = cause;
  const [, parameter] = /unsupported startup parameter: (\w+)/.exec(message) ??
    [];
  if (parameter !== undefined) {
    const setting = SETTINGS[parameter];
    return new ConnectionError(
      `Cannot connect to ${location}: the connection pooler rejects the startup parameter ${parameter}${
        setting === undefined ? "" : `, which comes from ${setting}`
      }. Remove that setting, or connect directly to the server. With ignore_startup_parameters the pooler accepts the parameter and ignores it`,
      { cause },
    );
  }
  if (isStatementPooling(message)) {
    return new ConnectionError(
      `Cannot begin a transaction at ${location}: the connection pooler is in statement mode (pool_mode = statement). Connect directly to the server, or use transaction or session mode`,
      { cause },
    );
  }
  if (/^query_wait_timeout/.test(message)) {
    return new TimeoutError(
      `No server connection was free in time at ${location}: the connection pooler has fewer than its clients use at once (query_wait_timeout). Increase default_pool_size or reduce POOL_SIZE`,
      { cause },
    );
  }
  return undefined;
}
