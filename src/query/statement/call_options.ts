import { QueryError } from "../../base/errors/mod.ts";
import { nearest } from "../../base/nearest.ts";
import { type NamesOf, namesOf, unknownNames } from "../../base/known_names.ts";

/**
 * Limits of one call, and the server that it reads. Every method that waits for the database takes them among
 * its options; `insert`, `bulkUpdate`, `getOrCreate` and `commit` take them as
 * their last argument. A call that reaches a limit is rejected, the server stops
 * its work, and the connection can be used again.
 *
 * On SQL, a write that is rejected has written nothing, unless the limit is
 * reached while its commit waits for the answer. On MongoDB, a bulk write outside
 * a transaction can have written a part, which `partly` of the error lists. In a
 * transaction, a call that reaches a limit fails the whole transaction.
 *
 * @example
 * ```ts
 * import { connect, TimeoutError } from "@alerce/db-plugins";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * const objects = db.query(AstroObject);
 * assert.equal(await objects.count({ timeout: 2_000 }), 0);
 *
 * async function* slowRows() {
 *   yield { oid: "ZTF18a" };
 *   await new Promise(() => {}); // no further row arrives
 * }
 * await assert.rejects(objects.bulkInsert(slowRows(), { timeout: 50 }), TimeoutError);
 *
 * const controller = new AbortController();
 * controller.abort(new Error("the client is gone"));
 * await assert.rejects(objects.findAll({ signal: controller.signal }), /the client is gone/);
 * assert.equal(await objects.count(), 0);
 * ```
 */
export interface CallOptions {
  /** Ends the call when it is aborted: the call is rejected with `signal.reason`. If it is already aborted, nothing is sent. */
  signal?: AbortSignal;
  /** The longest time of the whole call in milliseconds, more than 0. After it, the call is rejected with a `TimeoutError`. */
  timeout?: number;
  /**
   * The server of a read outside transactions, if the settings name replicas:
   * `"any"` (default) allows one, which may not have the last writes yet, and
   * `"primary"` does not. Writes and transactions always use the primary.
   */
  on?: "primary" | "any";
}

/** The name of a method and of its model, for errors. */
export interface CallName {
  readonly method: string;
  readonly model?: string | undefined;
}

/** The names of {@link CallOptions}. */
export const CALL_OPTIONS: NamesOf<CallOptions> = {
  signal: true,
  timeout: true,
  on: true,
};

const NAMES = namesOf(CALL_OPTIONS);

/** Whether options limit a call. */
export function isLimited(options: CallOptions | undefined | null): boolean {
  return options?.signal !== undefined || options?.timeout !== undefined;
}

/**
 * Checks the values of limits.
 *
 * @throws {QueryError} with the wrong one
 */
export function assertLimits(
  call: CallName,
  { signal, timeout }: CallOptions,
): void {
  if (
    timeout !== undefined &&
    !(typeof timeout === "number" && timeout > 0 && Number.isFinite(timeout))
  ) {
    throw callError(
      call,
      "timeout",
      "timeout must be a number of milliseconds above 0",
    );
  }
  if (signal === undefined || isSignal(signal)) return;
  throw callError(
    call,
    "signal",
    signal instanceof AbortController
      ? "signal must be an AbortSignal; pass controller.signal"
      : "signal must be an AbortSignal, like that of an AbortController",
  );
}

/**
 * Checks the server of a call.
 *
 * @throws {QueryError} if it is unknown, or if a call that is not a read allows a replica
 */
export function assertServer(
  call: CallName,
  { on }: CallOptions,
  isRead: boolean,
): void {
  if (on === undefined || on === "primary" || (isRead && on === "any")) return;
  const given: unknown = on;
  throw callError(
    call,
    "on",
    isRead
      ? 'on must be "primary" or "any"'
      : 'on must be "primary": only reads outside of transactions can use another server',
    typeof given === "string" && isRead
      ? nearest(given, ["primary", "any"])
      : undefined,
  );
}

/**
 * Checks the options of a method that has no others, and that does not read.
 *
 * @throws {QueryError} with the wrong one
 */
export function assertCallOptions(call: CallName, options: CallOptions): void {
  if (typeof options !== "object" || options === null) {
    throw callError(
      call,
      call.method,
      "the options must be an object like { timeout: 5000 }",
    );
  }
  assertKnownOptions(call, options, NAMES);
  assertLimits(call, options);
  assertServer(call, options, false);
}

/** Returns the name of a call: `findAll on Detection`. */
export function textOf({ method, model }: CallName): string {
  return model === undefined ? method : `${method} on ${model}`;
}

/**
 * Checks the names of the options of a call.
 *
 * @throws {QueryError} with the first unknown option and the most similar known one
 */
export function assertKnownOptions(
  call: CallName,
  options: object,
  names: ReadonlySet<string>,
): void {
  const [unknown] = unknownNames(options, names);
  if (unknown === undefined) return;
  const { name, nearest } = unknown;
  throw callError(call, name, `it has no option ${name}`, nearest);
}

/** Returns the error of a call with a wrong option. */
export function callError(
  call: CallName,
  field: string,
  problem: string,
  nearest?: string,
): QueryError {
  return new QueryError(`Cannot call ${textOf(call)}: ${problem}`, {
    model: call.model,
    field,
    nearest,
  });
}

/** Recognises a signal by its parts: it may come from another realm. */
function isSignal(signal: AbortSignal): boolean {
  const given: unknown = signal;
  return typeof given === "object" && given !== null &&
    typeof Reflect.get(given, "aborted") === "boolean" &&
    typeof Reflect.get(given, "addEventListener") === "function" &&
    typeof Reflect.get(given, "removeEventListener") === "function";
}
