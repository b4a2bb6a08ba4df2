import { SerializationError, TransactionError } from "../../base/errors/mod.ts";
import { jittered, pause } from "../../base/pause.ts";

/** Milliseconds before a transaction is run again, doubled each time. */
const RETRY_PAUSE = 40;

/** How a transaction runs. */
export interface TransactionOptions {
  /** What it sees of others' work; `read committed` by default. */
  isolationLevel?: "read committed" | "repeatable read" | "serializable";
  /** Whether it may not write. */
  readOnly?: boolean;
  /** How often it is run again after a deadlock or a serialization failure; never by default. */
  retries?: number;
}

const ISOLATION_LEVELS: readonly unknown[] = [
  undefined,
  "read committed",
  "repeatable read",
  "serializable",
];

/**
 * Checks what a caller asks of a transaction, for every engine.
 * @throws {TransactionError} naming the option that it cannot have
 */
export function checkTransaction(
  { isolationLevel, readOnly, retries = 0 }: TransactionOptions,
): void {
  const problem = !ISOLATION_LEVELS.includes(isolationLevel)
    ? "isolationLevel is one of read committed, repeatable read, serializable"
    : !["undefined", "boolean"].includes(typeof readOnly)
    ? "readOnly is true or false"
    : !Number.isSafeInteger(retries) || retries < 0
    ? "retries is a whole number of 0 or more"
    : undefined;
  if (problem === undefined) return;
  throw new TransactionError(`Cannot begin a transaction: ${problem}`);
}

/** Runs a transaction, again where another was in the way and `retries` allows it. */
export async function retried<T>(
  retries: number | undefined,
  transaction: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0;; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      const again = error instanceof SerializationError &&
        attempt < (retries ?? 0);
      if (!again) throw error;
    }
    await pause(jittered(RETRY_PAUSE * 2 ** attempt));
  }
}
