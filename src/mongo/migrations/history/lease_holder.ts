import type { Document } from "mongodb";

/** The projection of a lease: its holder, its times, and the milliseconds left by the server's clock. */
export const LEASE_FIELDS: Document = {
  holder: 1,
  host: 1,
  pid: 1,
  since: 1,
  fence: 1,
  expires: 1,
  length: 1,
  left: { $subtract: ["$expires", "$$NOW"] },
};

/** Describes the holder of a lease: `process 12 on host, since 2026-09-30T14:15:02.000Z`; undefined if the lease is free. */
export function holderText(lock: Document | null): string | undefined {
  if (lock === null || lock.holder === null) return undefined;
  const since = lock.since instanceof Date ? lock.since.toISOString() : "?";
  return `process ${lock.pid} on ${lock.host}, since ${since}`;
}

/** Returns the milliseconds until a lease expires without a renewal; at most its length, even if the server's clock was set back. */
export function expiresIn(lock: Document | null): number | undefined {
  const left = Math.min(
    Number(lock?.left ?? NaN),
    Number(lock?.length ?? Infinity),
  );
  return Number.isNaN(left) ? undefined : Math.max(0, left);
}

/**
 * Returns a check that is called again and again: whether the holder has not
 * renewed its lease for a whole length, by the clock of this process. The
 * server's clock may have been set back, or another server may answer since.
 *
 * @param usual milliseconds of a lease that does not store its length
 */
export function overdueCheck(
  usual: number,
): (lock: Document | null) => boolean {
  let seen = "";
  let since = 0;
  return (lock) => {
    const now = performance.now();
    const state = `${lock?.fence} ${Number(lock?.expires ?? NaN)}`;
    if (state !== seen) [seen, since] = [state, now];
    return now - since > Number(lock?.length ?? usual);
  };
}
