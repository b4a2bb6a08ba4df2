import { createQueue } from "../../base/queue.ts";
import type { SqlLink, SqlTransaction } from "./link.ts";

/**
 * A transaction that several callers use concurrently. Statements run one after
 * the other, and statements that belong together, like a savepoint and the
 * statements that it protects, run without others in between.
 */
export interface SharedTransaction extends SqlLink {
  /** Runs statements without statements of other callers in between. */
  exclusively<T>(steps: (tx: SqlTransaction) => Promise<T>): Promise<T>;
}

/** Shares a transaction between callers. */
export function shareTransaction(tx: SqlTransaction): SharedTransaction {
  const enqueue = createQueue();
  const exclusively: SharedTransaction["exclusively"] = (steps) =>
    enqueue(() => steps(tx));
  return {
    query: (command, rows) => exclusively(({ query }) => query(command, rows)),
    exclusively,
  };
}
