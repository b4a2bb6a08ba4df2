import { rolledBack, transactionEnded } from "../../base/errors/mod.ts";
import {
  retryTransaction,
  type TransactionModes,
} from "../../query/statement/transaction_options.ts";
import type { SqlDriver, SqlTransaction } from "../link/link.ts";
import {
  type SharedTransaction,
  shareTransaction,
} from "../link/shared_transaction.ts";

/**
 * Runs `fn` in a transaction, which begins when `fn` first requests it. Retries it
 * after a deadlock or a serialization failure, as often as the options allow.
 */
export function runInTransaction<T>(
  driver: SqlDriver,
  { retries, ...options }: TransactionModes,
  fn: (tx: () => Promise<SharedTransaction>) => Promise<T>,
): Promise<T> {
  return retryTransaction(retries, async () => {
    let tx: SqlTransaction | undefined;
    let shared: SharedTransaction | undefined;
    let isCommitting = false;
    try {
      const result = await fn(async () => {
        tx ??= await driver.begin(options);
        return shared ??= shareTransaction(tx);
      });
      isCommitting = true;
      await shared?.exclusively(({ commit }) => commit());
      return result;
    } catch (error) {
      await tx?.rollback();
      // Without a transaction, `fn` sent statements that were final at once.
      throw tx === undefined || isCommitting ? error : rolledBack(error);
    }
  });
}

let savepoints = 0;

/** Runs `fn` in a savepoint. Other statements of the transaction wait, so that a rollback to the savepoint does not undo them. Statements after its end are rejected: no rollback would undo them. */
export function runInSavepoint<T>(
  outer: SharedTransaction,
  fn: (inner: SharedTransaction) => Promise<T>,
): Promise<T> {
  return outer.exclusively(async (tx) => {
    const name = `dbp_${++savepoints}`;
    const inner = shareTransaction(tx);
    const send = (text: string) => inner.query({ text, values: [] });
    let hasEnded = false;
    const whileOpen = <T>(work: () => Promise<T>): Promise<T> =>
      hasEnded ? Promise.reject(transactionEnded()) : work();
    await send(`savepoint ${name}`);
    try {
      const result = await fn({
        query: (...statement) => whileOpen(() => inner.query(...statement)),
        exclusively: (steps) => whileOpen(() => inner.exclusively(steps)),
      });
      hasEnded = true;
      await send(`release savepoint ${name}`);
      return result;
    } catch (error) {
      hasEnded = true;
      await send(`rollback to savepoint ${name}`).catch(() => {});
      throw rolledBack(error);
    }
  });
}
