/** The end of Deno's message about a missing permission. */
const FLAG = /run again with the --allow-[\w-]+ flag$/;

/** Returns Deno's text about a missing permission, which names the flag to add; undefined for other errors. */
export function permissionText(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return FLAG.test(error.message) ? error.message : permissionText(error.cause);
}
