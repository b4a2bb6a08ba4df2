/** The server's codes that this package knows what to do about, besides those that become errors of its own. */
export const CODE = {
  namespaceNotFound: 26,
  indexNotFound: 27,
  cursorNotFound: 43,
  namespaceExists: 48,
  indexOptionsConflict: 85,
  indexKeySpecsConflict: 86,
  conflictingOperation: 117,
  indexBuildAborted: 276,
  cannotConvertIndex: 359,
  duplicateKey: 11000,
  backgroundOperation: 12587,
} as const;

/** The server's code of an error, where it has one. */
export function serverCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const code: unknown = "code" in error ? error.code : undefined;
  if (code !== undefined && code !== "") return Number(code);
  return serverCode(error.cause);
}
