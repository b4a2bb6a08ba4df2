import { ConnectionError, LimitError } from "./errors/mod.ts";

/** The end of Deno's message about a missing permission. */
const FLAG = /run again with the --allow-[\w-]+ flag$/;

/** Returns Deno's text about a missing permission, which names the flag to add; undefined for other errors. */
export function permissionText(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return FLAG.test(error.message) ? error.message : permissionText(error.cause);
}

/**
 * Returns the error about a missing permission, which is not a failure of the
 * server; undefined for other errors.
 *
 * @param location for example `PostgreSQL at host:5432`
 */
export function permissionError(
  location: string,
  cause: unknown,
): ConnectionError | undefined {
  const text = permissionText(cause);
  return text === undefined ? undefined : new ConnectionError(
    `Cannot use ${location} without a permission of Deno: ${text}`,
    { cause },
  );
}

/** Returns why a file that settings name cannot be read, as the end of a sentence; empty if the reason could contain its path. */
export function unreadableFileText(error: unknown): string {
  if (error instanceof LimitError) {
    return `: it has more than ${error.allowed} bytes (8 MiB)`;
  }
  const permission = permissionText(error);
  return permission === undefined ? "" : `: ${permission}`;
}
