import type { Db } from "mongodb";

/** Seconds after which a server aborts a transaction, unless it is configured otherwise. */
const DEFAULT_SECONDS = 60;
/** The server looks for transactions to abort twice in that time, but not more than once a second. */
const SWEEP = 0.5;
/** Milliseconds that the server may need beyond that. */
const MARGIN = 2_000;

const lifetimes = new WeakMap<Db, Promise<number>>();

/**
 * Returns the milliseconds after which the server has ended every transaction
 * that is open now. A user who may not read its limit gets that of the default
 * configuration.
 */
export function transactionLifetime(db: Db): Promise<number> {
  const known = lifetimes.get(db) ?? readLifetime(db);
  lifetimes.set(db, known);
  return known;
}

async function readLifetime(db: Db): Promise<number> {
  const { transactionLifetimeLimitSeconds } = await db.admin().command({
    getParameter: 1,
    transactionLifetimeLimitSeconds: 1,
  }).catch(() => ({ transactionLifetimeLimitSeconds: DEFAULT_SECONDS }));
  const seconds = Number(transactionLifetimeLimitSeconds);
  return seconds * 1_000 + Math.max(1_000, seconds * 1_000 * SWEEP) + MARGIN;
}
