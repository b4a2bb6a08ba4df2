import type { Collection, Db, Document } from "mongodb";
import process from "node:process";
import { durationText } from "../../../base/duration_text.ts";
import { DbPluginsError, LockError } from "../../../base/errors/mod.ts";
import { hostName } from "../../../base/host_name.ts";
import type { LockOptions } from "../../../engine/migrations/mod.ts";
import { waitForLock } from "../../../migrations/history/wait_for_lock.ts";
import { LOCK } from "../../schema/own_collections.ts";
import { CODE, serverCode } from "../../link/codes.ts";
import {
  expiresIn,
  holderText,
  LEASE_FIELDS,
  overdueCheck,
} from "./lease_holder.ts";

/** Times of a lease, in milliseconds. */
export interface LeaseTimes {
  /** How long a lease is valid without a renewal, and so how long a killed process blocks others. */
  readonly length: number;
  /** How often the lease is renewed. */
  readonly renewal: number;
}

/** The right of one process to migrate a database, which the server stores with an expiry time. */
export interface Lease {
  /** The fence number, greater than that of every earlier lease. */
  readonly fence: number;
  /** A filter that finds the lease document while this process holds the lease. */
  readonly filter: Document;
  /**
   * Checks with the server that this process holds the lease, and renews it.
   *
   * @throws {LockError} if another process holds it
   */
  check(): Promise<void>;
  /**
   * Waits for some work.
   *
   * @throws {LockError} if the lease is lost before the work ends
   */
  within<T>(work: Promise<T>): Promise<T>;
  /** Releases the lease. A second call does nothing. */
  release(): Promise<void>;
}

/** The times of a lease in production. */
export const LEASE: LeaseTimes = { length: 30_000, renewal: 10_000 };

const ID = "lock";

interface LeaseDocument extends Document {
  readonly _id: string;
}

/**
 * Acquires the lease of a database, by the clock of the server.
 *
 * @param place the database, for errors
 * @throws {LockError} naming the holder, after `wait` milliseconds
 */
export async function acquireLease(
  db: Db,
  place: string,
  options: Pick<LockOptions, "wait" | "signal" | "onEvent">,
  times: LeaseTimes,
): Promise<Lease> {
  const locks = db.collection<LeaseDocument>(LOCK);
  const token = crypto.randomUUID();
  const isOverdue = overdueCheck(times.length);
  await createLock(locks);
  let overdue: Document | undefined;
  return await waitForLock(place, options, {
    async tryAcquire() {
      const requested = performance.now();
      const fence = await tryAcquire(locks, token, times, overdue);
      return fence === undefined
        ? undefined
        : heldLease(locks, place, { token, fence, requested }, times);
    },
    async holder() {
      const lock = await locks.findOne({ _id: ID }, {
        projection: LEASE_FIELDS,
      });
      if (isOverdue(lock)) {
        overdue = { fence: lock?.fence, expires: lock?.expires };
      }
      return { holder: holderText(lock), endsIn: expiresIn(lock) };
    },
    advice: `If that process was killed, its lock expires within ${
      durationText(times.length)
    }.`,
  });
}

async function createLock(locks: Collection<LeaseDocument>): Promise<void> {
  await locks.updateOne(
    { _id: ID },
    { $setOnInsert: { fence: 0, holder: null } },
    { upsert: true },
  ).catch((error: unknown) => {
    // Another process inserted it at the same time.
    if (serverCode(error) !== CODE.duplicateKey) throw error;
  });
}

/**
 * Acquires the lease if it is free, expired, or held by this process because an
 * earlier answer was lost. Returns its fence number.
 *
 * @param overdue fields of a lease that its holder no longer renews
 */
async function tryAcquire(
  locks: Collection<LeaseDocument>,
  token: string,
  { length }: LeaseTimes,
  overdue: Document | undefined,
): Promise<number | undefined> {
  const found = await locks.findOneAndUpdate(
    {
      _id: ID,
      $expr: {
        $or: [
          { $eq: [{ $ifNull: ["$holder", null] }, null] },
          { $eq: ["$holder", token] },
          { $lte: ["$expires", "$$NOW"] },
          ...overdue === undefined ? [] : [{
            $and: Object.entries(overdue).map(([name, value]) => ({
              $eq: [`$${name}`, value],
            })),
          }],
        ],
      },
    },
    [{
      $set: {
        holder: token,
        fence: { $add: ["$fence", 1] },
        host: { $literal: hostName() },
        pid: process.pid,
        since: "$$NOW",
        expires: { $add: ["$$NOW", length] },
        length,
      },
    }],
    { returnDocument: "after" },
  );
  return found === null ? undefined : Number(found.fence);
}

/** Returns a lease that was acquired, and renews it until it is released. */
function heldLease(
  locks: Collection<LeaseDocument>,
  place: string,
  { token, fence, requested }: {
    readonly token: string;
    readonly fence: number;
    /** When the request was sent, by the clock of this process. */
    readonly requested: number;
  },
  { length, renewal }: LeaseTimes,
): Lease {
  const filter = { _id: ID, holder: token, fence };
  const { promise: lost, reject } = Promise.withResolvers<never>();
  // Without this handler, a loss that nothing waits for would be an unhandled rejection.
  lost.catch(() => {});
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  let confirmed = requested;
  const lose = async (): Promise<LockError> => {
    const holder = await locks.findOne({ _id: ID }).then(
      holderText,
      () => undefined,
    );
    const error = new LockError(
      `Lost the migration lock at ${place}${
        holder === undefined ? "" : `: ${holder} holds it now`
      }. No further step was run`,
      { holder },
    );
    reject(error);
    return error;
  };
  const renew = async (): Promise<void> => {
    const now = performance.now();
    const { matchedCount } = await locks.updateOne(filter, [{
      $set: { expires: { $add: ["$$NOW", length] } },
    }]);
    if (matchedCount === 0) throw await lose();
    confirmed = now;
  };
  const renewAfter = (milliseconds: number): void => {
    if (ended) return;
    timer = setTimeout(async () => {
      try {
        await renew();
        renewAfter(renewal);
      } catch (error) {
        if (error instanceof DbPluginsError || ended) return;
        // The server may come back before the lease expires; its clock decides, and this one runs at about the same speed.
        if (performance.now() - confirmed > length) await lose();
        else renewAfter(renewal / 4);
      }
    }, milliseconds);
  };
  renewAfter(renewal);
  return {
    fence,
    filter,
    check: renew,
    within: (work) => Promise.race([work, lost]),
    async release() {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      // If this write fails, the lease expires.
      await locks.updateOne(filter, { $set: { holder: null, expires: null } })
        .catch(() => {});
    },
  };
}

/** Describes the process that holds the lease now; undefined if none does. */
export async function currentHolder(db: Db): Promise<string | undefined> {
  const lock = await db.collection<LeaseDocument>(LOCK).findOne({
    _id: ID,
    $expr: { $gt: ["$expires", "$$NOW"] },
  });
  return lock === null ? undefined : holderText(lock);
}
