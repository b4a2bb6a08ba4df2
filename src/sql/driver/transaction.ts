import {
  retryTransaction,
  type TransactionOptions,
} from "../../query/statement/transaction_options.ts";
import type { SqlDriver, SqlTransaction } from "../link/link.ts";
import {
  type SharedTransaction,
  shareTransaction,
} from "../link/shared_transaction.ts";

/**
 * Runs `fn` in a transaction of its own, again where another was in the way
 * and the options allow it. It is begun when `fn` first asks for it.
 */
export function inTransaction<T>(
  driver: SqlDriver,
  { retries, ...options }: TransactionOptions,
  fn: (tx: () => Promise<SharedTransaction>) => Promise<T>,
): Promise<T> {
  return retryTransaction(retries, async () => {
    let tx: SqlTransaction | undefined;
    let shared: SharedTransaction | undefined;
    try {
      const result = await fn(async () => {
        tx ??= await driver.begin(options);
        return shared ??= shareTransaction(tx);
      });
      await shared?.together(({ commit }) => commit());
      return result;
    } catch (error) {
      await tx?.rollback();
      throw error;
    }
  });
}

let savepoints = 0;

/** Runs `fn` behind a savepoint; the rest of the transaction waits, so that nothing of it is undone with it. */
export function inSavepoint<T>(
  outer: SharedTransaction,
  fn: (inner: SharedTransaction) => Promise<T>,
): Promise<T> {
  return outer.together(async (tx) => {
    const name = `dbp_${++savepoints}`;
    const inner = shareTransaction(tx);
    const send = (text: string) => inner.query({ text, values: [] });
    await send(`savepoint ${name}`);
    try {
      const result = await fn(inner);
      await send(`release savepoint ${name}`);
      return result;
    } catch (error) {
      await send(`rollback to savepoint ${name}`).catch(() => {});
      throw error;
    }
  });
}
