import {
  SerializationError,
  suggestionText,
  TransactionError,
} from "../../base/errors/mod.ts";
import { type NamesOf, namesOf, unknownNames } from "../../base/known_names.ts";
import { backoff, retry } from "../../base/retry.ts";
import {
  assertLimits,
  assertServer,
  CALL_OPTIONS,
  type CallOptions,
} from "./call_options.ts";

/** Milliseconds before the first retry; they double with each retry. */
const FIRST_PAUSE = 40;

/** Options of a transaction. Its limits include the function, all retries and the commit. */
export interface TransactionOptions extends CallOptions {
  /** The isolation level (default: `read committed`). */
  isolationLevel?: "read committed" | "repeatable read" | "serializable";
  /** Whether the database rejects writes (default: false). */
  readOnly?: boolean;
  /** The maximum number of retries after a deadlock or a serialization failure (default: 0). */
  retries?: number;
}

/** Options of a transaction that an engine carries out. */
export type TransactionModes = Omit<TransactionOptions, keyof CallOptions>;

const OPTIONS: NamesOf<TransactionOptions> = {
  isolationLevel: true,
  readOnly: true,
  retries: true,
  ...CALL_OPTIONS,
};
const NAMES = namesOf(OPTIONS);

const ISOLATION_LEVELS: readonly unknown[] = [
  undefined,
  "read committed",
  "repeatable read",
  "serializable",
];

/**
 * Checks the options of a transaction, for every engine.
 *
 * @throws {TransactionError} with the invalid option and its valid values
 * @throws {QueryError} if a limit has a wrong value
 */
export function assertTransactionOptions(options: TransactionOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new TransactionError(
      "Cannot begin a transaction: the options must be an object like { retries: 3 }",
    );
  }
  const { isolationLevel, readOnly, retries = 0 } = options;
  const [unknown] = unknownNames(options, NAMES);
  const problem = unknown !== undefined
    ? `${unknown.name} is not an option; the options are ${
      [...NAMES].join(", ")
    }${suggestionText(unknown.nearest)}`
    : !ISOLATION_LEVELS.includes(isolationLevel)
    ? "isolationLevel must be one of read committed, repeatable read, serializable"
    : !["undefined", "boolean"].includes(typeof readOnly)
    ? "readOnly must be true or false"
    : !Number.isSafeInteger(retries) || retries < 0
    ? "retries must be a whole number, 0 or greater"
    : undefined;
  if (problem !== undefined) {
    throw new TransactionError(`Cannot begin a transaction: ${problem}`);
  }
  assertLimits({ method: "transaction" }, options);
  assertServer({ method: "transaction" }, options, false);
}

/** Returns the options of an engine, and the limits apart. */
export function splitLimits(
  { signal, timeout, on: _server, ...modes }: TransactionOptions,
): { readonly modes: TransactionModes; readonly limits: CallOptions } {
  return {
    modes,
    limits: {
      ...(signal === undefined ? {} : { signal }),
      ...(timeout === undefined ? {} : { timeout }),
    },
  };
}

/** Runs a transaction, and retries it after a deadlock or a serialization failure. */
export function retryTransaction<T>(
  retries: number = 0,
  transaction: () => Promise<T>,
): Promise<T> {
  return retry(transaction, {
    attempts: retries + 1,
    isRetryable: (error) => error instanceof SerializationError,
    wait: backoff(FIRST_PAUSE),
  });
}
