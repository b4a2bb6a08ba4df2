import { ConnectionError, TimeoutError } from "../../base/errors/mod.ts";

/** The settings that send a parameter when a connection begins. */
const SETTINGS: Readonly<Record<string, string>> = {
  statement_timeout: "STATEMENT_TIMEOUT",
  options: "PGOPTIONS of the environment",
};

/** What PgBouncer says where sessions are lent for one statement. */
const NO_TRANSACTIONS =
  /transaction blocks not allowed in statement pooling mode/;

/** Whether a pooler said that it lends sessions for one statement only. */
export function lendsByStatement(message: string): boolean {
  return NO_TRANSACTIONS.test(message);
}

/** What a pooler's own refusal means; undefined where no pooler said it. */
export function poolerError(cause: Error, place: string): Error | undefined {
  const { message } = cause;
  const [, parameter] = /unsupported startup parameter: (\w+)/.exec(message) ??
    [];
  if (parameter !== undefined) {
    const setting = SETTINGS[parameter];
    return new ConnectionError(
      `Cannot connect to ${place}: a pooler in between refuses the startup parameter ${parameter}${
        setting === undefined ? "" : `, which comes from ${setting}`
      }. Leave that out, or connect to the server itself; with ignore_startup_parameters the pooler takes it, and it has no effect`,
      { cause },
    );
  }
  if (lendsByStatement(message)) {
    return new ConnectionError(
      `Cannot begin a transaction at ${place}: a pooler in between lends its sessions for one statement (pool_mode = statement). Connect to the server itself, or to the pooler in transaction or session mode`,
      { cause },
    );
  }
  if (/^query_wait_timeout/.test(message)) {
    return new TimeoutError(
      `No session was free in time at ${place}: the pooler in between has fewer than its clients use at once (query_wait_timeout). A larger default_pool_size or a smaller POOL_SIZE helps`,
      { cause },
    );
  }
  return undefined;
}
