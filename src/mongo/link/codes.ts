/** Server error codes, by the names in MongoDB's `src/mongo/base/error_codes.yml`. */
export const CODE = {
  unauthorized: 13,
  overflow: 15,
  authenticationFailed: 18,
  illegalOperation: 20,
  namespaceNotFound: 26,
  indexNotFound: 27,
  cursorNotFound: 43,
  namespaceExists: 48,
  writeConcernFailed: 64,
  immutableField: 66,
  indexOptionsConflict: 85,
  indexKeySpecsConflict: 86,
  unsatisfiableWriteConcern: 100,
  conflictingOperation: 117,
  documentValidationFailure: 121,
  noSuchTransaction: 251,
  indexBuildAborted: 276,
  cannotConvertIndex: 359,
  atlasError: 8000,
  duplicateKey: 11000,
  backgroundOperation: 12587,
  distinctTooLarge: 17217,
  unknownStage: 40324,
  invalidRegex: 51091,
} as const;

/** Returns the codes of a table. */
function named(codes: Readonly<Record<string, number>>): ReadonlySet<number> {
  return new Set(Object.values(codes));
}

/** The server shuts down, cannot be reached, or is not the primary. */
export const UNREACHABLE_CODES: ReadonlySet<number> = named({
  hostUnreachable: 6,
  hostNotFound: 7,
  shutdownInProgress: 91,
  primarySteppedDown: 189,
  socketException: 9001,
  legacyNotPrimary: 10058,
  notWritablePrimary: 10107,
  interruptedAtShutdown: 11600,
  interruptedByStateChange: 11602,
  notPrimaryNoSecondaryOk: 13435,
  notPrimaryOrSecondary: 13436,
});

/** The server stopped a command halfway. */
export const INTERRUPTED_CODES: ReadonlySet<number> = named({
  interrupted: 11601,
  cursorKilled: 237,
});

/** A time limit passed. */
export const TIMEOUT_CODES: ReadonlySet<number> = named({
  maxTimeExpired: 50,
  networkTimeout: 89,
  networkInterfaceTimeLimit: 202,
  exceededTimeLimit: 262,
});

/** The command took effect, but on fewer members than the write concern requires, or the login for its retry failed. */
export const UNCONFIRMED_CODES: ReadonlySet<number> = named({
  authenticationFailed: CODE.authenticationFailed,
  writeConcernFailed: CODE.writeConcernFailed,
  unsatisfiableWriteConcern: CODE.unsatisfiableWriteConcern,
});

/** Another operation conflicts; a retry may succeed. */
export const CONFLICT_CODES: ReadonlySet<number> = named({
  lockTimeout: 24,
  writeConflict: 112,
  conflictingOperation: CODE.conflictingOperation,
  snapshotUnavailable: 246,
  noSuchTransaction: CODE.noSuchTransaction,
});

/** A unique key already exists. */
export const DUPLICATE_KEY_CODES: ReadonlySet<number> = named({
  duplicateKey: CODE.duplicateKey,
  duplicateKeyOnUpdate: 11001,
  duplicateKeyInCappedCollection: 12582,
});

/** A document or command exceeds 16 MB. */
export const TOO_LARGE_CODES: ReadonlySet<number> = named({
  documentTooLarge: 10334,
  keyTooLong: 17280,
  updatedDocumentTooLarge: 17419,
  replacedDocumentTooLarge: 17420,
});

/** The server's code of an error or of its cause; undefined if it has none. */
export function serverCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const code: unknown = "code" in error ? error.code : undefined;
  if (code !== undefined && code !== "") return Number(code);
  return serverCode(error.cause);
}
