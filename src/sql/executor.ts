import type { Executor } from "../query/statement/executor.ts";
import { keyIdentities } from "./read/key_identities.ts";
import { createSelect } from "./read/kysely_select.ts";
import { streamRows } from "./read/stream.ts";
import { runInSavepoint } from "./driver/transaction.ts";
import { limitedShared } from "./link/limited_link.ts";
import type { SharedTransaction } from "./link/shared_transaction.ts";
import { failTransaction } from "./driver/fail_transaction.ts";
import { createRunner, type Shared } from "./runner.ts";

/**
 * Creates the executor of a transaction.
 *
 * @param signal ends its statements, but not the rollback to a savepoint
 */
export function createExecutor(
  shared: Shared,
  tx: SharedTransaction,
  signal?: AbortSignal,
): Executor {
  const limited = (inner: SharedTransaction): SharedTransaction =>
    signal === undefined ? inner : limitedShared(inner, signal);
  const link = limited(tx);
  return {
    run: createRunner(shared, link, {
      isCollected: false,
      isInside: true,
      fail: () => failTransaction(tx),
      attempt: (work) => runInSavepoint(tx, (inner) => work(limited(inner))),
      within: (fn) => fn(() => Promise.resolve(link)),
    }),
    stream: (statement, batchSize) =>
      streamRows(shared, link, statement, batchSize, tx),
    keyIdentities: (model, fields, keys) =>
      keyIdentities(shared.tables, link, model, fields, keys),
    mayDiscard: async (model, write, isAgain = false) => {
      const { tables } = shared;
      return isAgain
        ? (await tables.skipsNow(link, model))[write]
        : (await tables.of(link, model)).skips[write];
    },
    transaction: (fn) =>
      runInSavepoint(tx, (inner) => fn(createExecutor(shared, inner, signal))),
    native: (model, call) => createSelect(link, shared.schema, model, call),
    limited: (signal) => createExecutor(shared, link, signal),
  };
}
