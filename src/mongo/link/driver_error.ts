/** What the driver says of an error, by the names it gives. */
export interface DriverError extends Error {
  /** The server's code. */
  readonly code?: unknown;
  /** What a collection's rules have against a document. */
  readonly errInfo?: unknown;
  /** One for each document that was refused. */
  readonly writeErrors?: unknown;
  /** What the server says of trying again. */
  readonly hasErrorLabel?: (label: string) => boolean;
}

/** Whether an error is one of the driver's; there may be several copies of its classes. */
export function isDrivers(error: Error): error is DriverError {
  return error.name.startsWith("Mongo");
}

/** One or several, as the driver has it, as a list. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** What is said of one document that was refused. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return {};
  const { code, index, errmsg, errInfo } = value as Readonly<
    Record<string, unknown>
  >;
  return { code, index, errmsg, errInfo };
}

/** A count that the driver's error of a bulk write holds; 0 where it holds none. */
export function countIn(
  error: unknown,
  name: "insertedCount" | "modifiedCount" | "upsertedCount",
): number {
  const count: unknown = typeof error === "object" && error !== null
    ? Reflect.get(error, name)
    : undefined;
  return typeof count === "number" ? count : 0;
}
