import { createQueue } from "../../base/queue.ts";
import type { SqlLink, SqlTransaction } from "./link.ts";

/**
 * A transaction that several callers use side by side: each statement has its
 * turn, and steps that belong together, a savepoint and what it protects, have
 * one turn for all of them.
 */
export interface SharedTransaction extends SqlLink {
  /** Takes steps that nothing of another caller's comes between. */
  together<T>(steps: (tx: SqlTransaction) => Promise<T>): Promise<T>;
}

/** Turns on a transaction. */
export function shareTransaction(tx: SqlTransaction): SharedTransaction {
  const enqueue = createQueue();
  const together: SharedTransaction["together"] = (steps) =>
    enqueue(() => steps(tx));
  return {
    query: (command, onRow) => together(({ query }) => query(command, onRow)),
    together,
  };
}
