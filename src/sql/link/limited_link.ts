import { withOutcome } from "../../base/errors/mod.ts";
import type { Command, SqlDriver, SqlLink, SqlTransaction } from "./link.ts";
import type { SharedTransaction } from "./shared_transaction.ts";

/** Returns a driver whose statements, copies and commits end when the signal is aborted. Rollbacks do not. */
export function limitedDriver(
  driver: SqlDriver,
  signal: AbortSignal,
): SqlDriver {
  return {
    ...driver,
    ...limitedLink(driver, signal),
    async begin(options) {
      if (signal.aborted) throw withOutcome(signal.reason, "not applied");
      const tx = await driver.begin({ ...options, signal });
      if (!signal.aborted) return limitedTransaction(tx, signal);
      await tx.rollback();
      throw withOutcome(signal.reason, "not applied");
    },
  };
}

/** The same for a link. What the catalogs say about a table is for every caller, and is read in any case. */
function limitedLink(link: SqlLink, signal: AbortSignal): SqlLink {
  return {
    async query(command: Command, rows) {
      if (command.isCatalogRead === true) {
        return await link.query(command, rows);
      }
      signal.throwIfAborted();
      return await link.query({ ...command, signal }, rows);
    },
  };
}

/** The same for a transaction that several callers share. */
export function limitedShared(
  tx: SharedTransaction,
  signal: AbortSignal,
): SharedTransaction {
  return {
    ...limitedLink(tx, signal),
    exclusively: (steps) =>
      tx.exclusively((inner) => steps(limitedTransaction(inner, signal))),
  };
}

function limitedTransaction(
  tx: SqlTransaction,
  signal: AbortSignal,
): SqlTransaction {
  return {
    ...limitedLink(tx, signal),
    async copyIn(target, chunks) {
      signal.throwIfAborted();
      return await tx.copyIn(target, chunks, signal);
    },
    async commit() {
      signal.throwIfAborted();
      await tx.commit(signal);
    },
    rollback: () => tx.rollback(),
  };
}
