import type { Collection, Db, Document } from "mongodb";
import process from "node:process";
import { durationText } from "../../../base/duration_text.ts";
import { DbPluginsError, LockError } from "../../../base/errors/mod.ts";
import { hostName } from "../../../base/host_name.ts";
import type { LockOptions } from "../../../engine/migrations/mod.ts";
import { stopWaiting } from "../../../migrations/history/stopped.ts";
import { jittered, pause } from "../../../base/pause.ts";
import { LOCK } from "../../schema/own_collections.ts";
import { CODE, serverCode } from "../../link/codes.ts";
import { HELD, holderIn, leftOf, overdue } from "./lease_holder.ts";

/** Milliseconds of a lease. */
export interface LeaseTimes {
  /** How long it holds unless it is renewed; what a process that was killed keeps others waiting. */
  readonly length: number;
  /** How often it is renewed. */
  readonly renewal: number;
}

/** What a process has that alone may migrate. */
export interface Lease {
  /** Greater than that of every lease before. */
  readonly fence: number;
  /** Finds the lease's document while it is this one. */
  readonly filter: Document;
  /**
   * Makes sure of it with the server, and renews it.
   *
   * @throws {LockError} where another process has it
   */
  check(): Promise<void>;
  /**
   * Does some work, unless the lease is lost before its end.
   *
   * @throws {LockError} where it is
   */
  within<T>(work: Promise<T>): Promise<T>;
  /** Gives it back; twice is fine. */
  release(): Promise<void>;
}

/** How long leases are. */
export const LEASE: LeaseTimes = { length: 30_000, renewal: 10_000 };

const ID = "lock";
/** Milliseconds between two looks at a lease that another has, and between two words about it. */
const LOOK = 300;
const TELL = 1000;

interface LeaseDocument extends Document {
  readonly _id: string;
}

/**
 * Becomes the only one who may migrate, by the server's clock.
 *
 * @param place what errors call the database
 * @throws {LockError} naming the one who is, when `wait` is over
 */
export async function takeLease(
  db: Db,
  place: string,
  { wait, signal, onEvent }: Pick<LockOptions, "wait" | "signal" | "onEvent">,
  times: LeaseTimes,
): Promise<Lease> {
  const locks = db.collection<LeaseDocument>(LOCK);
  const token = crypto.randomUUID();
  const isOverdue = overdue(times.length);
  const began = performance.now();
  let told = -Infinity;
  await locks.updateOne(
    { _id: ID },
    { $setOnInsert: { fence: 0, holder: null } },
    { upsert: true },
  ).catch((error: unknown) => {
    // Another was faster.
    if (serverCode(error) !== CODE.duplicateKey) throw error;
  });
  for (let over: Document | undefined;;) {
    stopWaiting(signal, place);
    const asked = performance.now();
    const fence = await taken(locks, token, times, over);
    if (fence !== undefined) {
      onEvent({ kind: "locked" });
      return leaseOf(locks, place, { token, fence, asked }, times);
    }
    const lock = await locks.findOne({ _id: ID }, { projection: HELD });
    if (isOverdue(lock)) over = { fence: lock?.fence, expires: lock?.expires };
    const holder = holderIn(lock);
    const milliseconds = Math.round(performance.now() - began);
    if (milliseconds >= wait) {
      throw new LockError(
        `Cannot migrate ${place}: ${holder} does; waited ${
          durationText(milliseconds)
        }. Should that process be gone, its lease ends within ${
          durationText(times.length)
        }`,
        { holder },
      );
    }
    if (performance.now() - told >= TELL) {
      told = performance.now();
      onEvent({ kind: "waiting", holder, milliseconds, endsIn: leftOf(lock) });
    }
    const left = wait - milliseconds;
    await pause(Math.min(left, jittered(LOOK)), signal);
  }
}

/**
 * Takes the lease where it is free, over, or this process's own by an answer that did not arrive.
 *
 * @param over what a lease says that nobody renews
 */
async function taken(
  locks: Collection<LeaseDocument>,
  token: string,
  { length }: LeaseTimes,
  over: Document | undefined,
): Promise<number | undefined> {
  const found = await locks.findOneAndUpdate(
    {
      _id: ID,
      $expr: {
        $or: [
          { $eq: [{ $ifNull: ["$holder", null] }, null] },
          { $eq: ["$holder", token] },
          { $lte: ["$expires", "$$NOW"] },
          ...over === undefined ? [] : [{
            $and: Object.entries(over).map(([name, value]) => ({
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

function leaseOf(
  locks: Collection<LeaseDocument>,
  place: string,
  { token, fence, asked }: {
    readonly token: string;
    readonly fence: number;
    readonly asked: number;
  },
  { length, renewal }: LeaseTimes,
): Lease {
  const filter = { _id: ID, holder: token, fence };
  const { promise: lost, reject } = Promise.withResolvers<never>();
  // Where nothing waits for it, losing it is no error of its own.
  lost.catch(() => {});
  let [timer, ended, sure]: [
    ReturnType<typeof setTimeout> | undefined,
    boolean,
    number,
  ] = [undefined, false, asked];
  const lose = async (): Promise<LockError> => {
    const holder = await locks.findOne({ _id: ID }).then(
      holderIn,
      () => undefined,
    );
    const error = new LockError(
      `The lock on the migrations of ${place} was lost${
        holder === undefined ? "" : `: now ${holder} has it`
      }. Nothing more was done`,
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
    sure = now;
  };
  const keep = (after: number): void => {
    if (ended) return;
    timer = setTimeout(async () => {
      try {
        await renew();
        keep(renewal);
      } catch (error) {
        if (error instanceof DbPluginsError || ended) return;
        // The server may come back; until when, its clock says, and this one about the same.
        if (performance.now() - sure > length) await lose();
        else keep(renewal / 4);
      }
    }, after);
  };
  keep(renewal);
  return {
    fence,
    filter,
    check: renew,
    within: (work) => Promise.race([work, lost]),
    async release() {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      // One that cannot be given back ends by itself.
      await locks.updateOne(filter, { $set: { holder: null, expires: null } })
        .catch(() => {});
    },
  };
}

/** Who has the lease now, in words; undefined where nobody does. */
export async function holderNow(db: Db): Promise<string | undefined> {
  const lock = await db.collection<LeaseDocument>(LOCK).findOne({
    _id: ID,
    $expr: { $gt: ["$expires", "$$NOW"] },
  });
  return lock === null ? undefined : holderIn(lock);
}
