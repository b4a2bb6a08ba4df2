/** An error of the driver, by the properties that this package reads. */
export interface MongoDriverError extends Error {
  /** The server's code. */
  readonly code?: unknown;
  /** The violated rules of a collection's validator. */
  readonly errInfo?: unknown;
  /** One error for each refused document. */
  readonly writeErrors?: unknown;
  /** The answer of the server, or the error of a bulk write's command. */
  readonly errorResponse?: unknown;
  /** Whether the server attached a label, such as one for errors that may be retryTransaction. */
  readonly hasErrorLabel?: (label: string) => boolean;
}

/** Whether an error is one of the driver's. It is recognised by name, because several copies of the driver's classes may exist. */
export function isMongoError(error: Error): error is MongoDriverError {
  return error.name.startsWith("Mongo");
}

/** The error itself, or the one of the command, if the driver wraps it because it has no answer of the server. */
export function unwrapped(error: MongoDriverError): MongoDriverError {
  const { errorResponse } = error;
  return errorResponse instanceof Error && isMongoError(errorResponse)
    ? errorResponse
    : error;
}

/** The error of one refused document in a bulk write. */
interface WriteError {
  readonly code?: unknown;
  /** Its index in the bulk write. */
  readonly index?: unknown;
  readonly errmsg?: unknown;
  readonly errInfo?: unknown;
}

/** The errors of a write's refused documents; none for other errors. If a write of one document is refused, the driver throws the error of the document itself. */
export function writeErrorsOf(
  error: MongoDriverError,
): readonly WriteError[] {
  const { writeErrors } = error;
  if (writeErrors === undefined) {
    const { code, errInfo, message: errmsg } = error;
    return "index" in error && error.index === 0
      ? [{ code, index: 0, errmsg, errInfo }]
      : [];
  }
  const list: readonly unknown[] = Array.isArray(writeErrors)
    ? writeErrors
    : [writeErrors];
  return list.map((one) => {
    if (typeof one !== "object" || one === null) return {};
    const { code, index, errmsg, errInfo } = one as WriteError;
    return { code, index, errmsg, errInfo };
  });
}

/** A count in the driver's error of a bulk write; 0 if it has none. */
export function countIn(
  error: unknown,
  name: "insertedCount" | "modifiedCount" | "upsertedCount",
): number {
  const count: unknown = typeof error === "object" && error !== null
    ? Reflect.get(error, name)
    : undefined;
  return typeof count === "number" ? count : 0;
}

/** Whether an error, or one of its causes, says that no server could be reached within the time for that. */
export function isSelectionFailure(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { name } = isMongoError(each) ? unwrapped(each) : each;
    if (name === "MongoServerSelectionError") return true;
  }
  return false;
}
