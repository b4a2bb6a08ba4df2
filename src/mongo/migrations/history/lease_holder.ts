import type { Document } from "mongodb";

/** What a lease tells of its holder, and for how long it holds by the server's clock. */
export const HELD: Document = {
  holder: 1,
  host: 1,
  pid: 1,
  since: 1,
  fence: 1,
  expires: 1,
  length: 1,
  left: { $subtract: ["$expires", "$$NOW"] },
};

/** Who has a lease, in words. */
export function holderIn(lock: Document | null): string {
  if (lock === null || lock.holder === null) return "nobody";
  const since = lock.since instanceof Date ? lock.since.toISOString() : "?";
  return `process ${lock.pid} on ${lock.host}, since ${since}`;
}

/** Milliseconds until it ends unless it is renewed; no more than its length, whatever the server's clock did since. */
export function leftOf(lock: Document | null): number | undefined {
  const left = Math.min(
    Number(lock?.left ?? NaN),
    Number(lock?.length ?? Infinity),
  );
  return Number.isNaN(left) ? undefined : Math.max(0, left);
}

/**
 * Tells, of looks at a lease, whether nobody renewed it for as long as it holds
 * by this process's clock. The server's may have been set back, or be another
 * server's since.
 *
 * @param usual milliseconds that it holds, where it does not say so
 */
export function overdue(usual: number): (lock: Document | null) => boolean {
  let [seen, since] = ["", 0];
  return (lock) => {
    const now = performance.now();
    const said = `${lock?.fence} ${Number(lock?.expires ?? NaN)}`;
    if (said !== seen) [seen, since] = [said, now];
    return now - since > Number(lock?.length ?? usual);
  };
}
