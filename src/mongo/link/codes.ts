/** Server error codes, by the names in MongoDB's `src/mongo/base/error_codes.yml`. */
export const CODE = {
  hostUnreachable: 6,
  hostNotFound: 7,
  unauthorized: 13,
  overflow: 15,
  authenticationFailed: 18,
  illegalOperation: 20,
  lockTimeout: 24,
  namespaceNotFound: 26,
  indexNotFound: 27,
  cursorNotFound: 43,
  namespaceExists: 48,
  maxTimeExpired: 50,
  writeConcernFailed: 64,
  immutableField: 66,
  indexOptionsConflict: 85,
  indexKeySpecsConflict: 86,
  networkTimeout: 89,
  shutdownInProgress: 91,
  unsatisfiableWriteConcern: 100,
  writeConflict: 112,
  conflictingOperation: 117,
  documentValidationFailure: 121,
  primarySteppedDown: 189,
  networkInterfaceTimeLimit: 202,
  cursorKilled: 237,
  snapshotUnavailable: 246,
  noSuchTransaction: 251,
  exceededTimeLimit: 262,
  indexBuildAborted: 276,
  cannotConvertIndex: 359,
  atlasError: 8000,
  socketException: 9001,
  legacyNotPrimary: 10058,
  notWritablePrimary: 10107,
  documentTooLarge: 10334,
  duplicateKey: 11000,
  duplicateKeyOnUpdate: 11001,
  interruptedAtShutdown: 11600,
  interrupted: 11601,
  interruptedByStateChange: 11602,
  duplicateKeyInCappedCollection: 12582,
  backgroundOperation: 12587,
  notPrimaryNoSecondaryOk: 13435,
  notPrimaryOrSecondary: 13436,
  distinctTooLarge: 17217,
  keyTooLong: 17280,
  updatedDocumentTooLarge: 17419,
  replacedDocumentTooLarge: 17420,
  unknownStage: 40324,
  invalidRegex: 51091,
} as const;

/** The server shuts down, cannot be reached, or is not the primary. */
export const UNREACHABLE_CODES: ReadonlySet<number> = new Set([
  CODE.hostUnreachable,
  CODE.hostNotFound,
  CODE.shutdownInProgress,
  CODE.primarySteppedDown,
  CODE.socketException,
  CODE.legacyNotPrimary,
  CODE.notWritablePrimary,
  CODE.interruptedAtShutdown,
  CODE.interruptedByStateChange,
  CODE.notPrimaryNoSecondaryOk,
  CODE.notPrimaryOrSecondary,
]);

/** The server stopped a command halfway. */
export const INTERRUPTED_CODES: ReadonlySet<number> = new Set([
  CODE.interrupted,
  CODE.cursorKilled,
]);

/** A time limit passed. */
export const TIMEOUT_CODES: ReadonlySet<number> = new Set([
  CODE.maxTimeExpired,
  CODE.networkTimeout,
  CODE.networkInterfaceTimeLimit,
  CODE.exceededTimeLimit,
]);

/** The command took effect, but on fewer members than the write concern requires, or the login for its retry failed. */
export const UNCONFIRMED_CODES: ReadonlySet<number> = new Set([
  CODE.authenticationFailed,
  CODE.writeConcernFailed,
  CODE.unsatisfiableWriteConcern,
]);

/** Another operation conflicts; a retry may succeed. */
export const CONFLICT_CODES: ReadonlySet<number> = new Set([
  CODE.lockTimeout,
  CODE.writeConflict,
  CODE.conflictingOperation,
  CODE.snapshotUnavailable,
  CODE.noSuchTransaction,
]);

/** A unique key already exists. */
export const DUPLICATE_KEY_CODES: ReadonlySet<number> = new Set([
  CODE.duplicateKey,
  CODE.duplicateKeyOnUpdate,
  CODE.duplicateKeyInCappedCollection,
]);

/** A document or command exceeds 16 MB. */
export const TOO_LARGE_CODES: ReadonlySet<number> = new Set([
  CODE.documentTooLarge,
  CODE.keyTooLong,
  CODE.updatedDocumentTooLarge,
  CODE.replacedDocumentTooLarge,
]);

/** The server's code of an error or of its cause; undefined if it has none. */
export function serverCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const code: unknown = "code" in error ? error.code : undefined;
  if (code !== undefined && code !== "") return Number(code);
  return serverCode(error.cause);
}
