import type { Db, Document } from "mongodb";
import { LockError, SerializationError } from "../../../base/errors/mod.ts";
import type { HistoryRecord } from "../../../engine/migrations/mod.ts";
import { notNext } from "../../../migrations/history/next_step.ts";
import { jittered, pause } from "../../../base/pause.ts";
import type { Call, MongoDriver } from "../../link/link.ts";
import { HISTORY } from "../../../migrations/history/record.ts";
import { LOCK } from "../../schema/own_collections.ts";
import { CODE, serverCode } from "../../link/codes.ts";
import type { Lease } from "./lease.ts";
import { documentOf, formerOf, recordOf, type Written } from "./record.ts";

/** The history, as the one who has the lease writes it. */
export interface History {
  /** Makes its collection where it is missing. */
  make(): Promise<void>;
  /** Writes or replaces a record; the run that it replaces is kept among the former ones, in the same write. A step that was begun stays so while it is the same that comes next. */
  write(record: Written): Promise<void>;
  /**
   * Notes that a step begins; whether an earlier run began it.
   *
   * @throws {MigrationError} with exit code 4 where another is next
   */
  begin(id: string, place: number, hash: string): Promise<boolean>;
  /** Notes that a step that began was refused, and so did nothing. */
  refused(id: string, place: number): Promise<void>;
  /** Notes that a step is done, the one after those that were. */
  done(id: string, place: number): Promise<void>;
}

/** How often a write is tried that meets another one, and milliseconds before the second time, as many more before each that follows. */
const TRIES = 12;
const WAIT = 30;

/** The history of a database, oldest first. */
export async function readHistory(db: Db): Promise<HistoryRecord[]> {
  const documents = await db.collection<Document>(HISTORY).find({}, {
    readPreference: "primary",
  }).sort({ startedAt: 1, _id: 1 }).toArray();
  return documents.map(recordOf);
}

/**
 * The history under a lease. Where the server has transactions, each write is
 * one with a write to the lease, which fails where it is another's by now.
 * Without, every record has the number of the lease that wrote it, a new lease
 * puts its own on all of them, and one that is over finds none to change.
 */
export async function historyUnder(
  driver: MongoDriver,
  db: Db,
  lease: Lease,
): Promise<History> {
  const { fence } = lease;
  const mine = { $or: [{ fence: { $lte: fence } }, { fence: null }] };
  if (!driver.transactions) {
    await db.collection(HISTORY).updateMany(mine, { $set: { fence } });
  }
  let made = false;
  const makeOnce = async (): Promise<void> => {
    made ||= await make(db);
  };
  const send = async (
    filter: Document,
    update: Document[],
    upsert = false,
  ): Promise<Document | null> => {
    const call: Call<Document | null> = {
      table: HISTORY,
      command: { name: "findAndModify", parts: { filter } },
      work: (collection, options) =>
        collection.findOneAndUpdate({ ...filter, ...mine }, update, {
          ...options,
          upsert,
          returnDocument: "before",
        }),
      rows: () => 1,
    };
    return await fenced(driver, lease, call);
  };
  return {
    make: makeOnce,
    async write(record) {
      await makeOnce();
      const { _id, ...document } = documentOf(record);
      const same = {
        $and: [
          { $eq: ["$direction", record.direction] },
          { $eq: ["$stepsDone", record.stepsDone] },
        ],
      };
      try {
        await send({ _id }, [{
          $set: {
            ...Object.fromEntries(
              Object.entries(document).map((
                [key, value],
              ) => [key, { $literal: value }]),
            ),
            fence,
            former: formerOf(record),
            begun: { $cond: [same, { $ifNull: ["$begun", null] }, null] },
          },
        }], true);
      } catch (error) {
        // What it would have changed has a later lease's number, so it would have been made a second time.
        if (serverCode(error) === CODE.duplicateKey) throw lost(lease);
        throw error;
      }
    },
    async begin(id, place, hash) {
      const before = await send(
        { _id: id, stepsDone: place },
        [{ $set: { begun: { $literal: hash }, fence } }],
      );
      if (before === null) throw await refusal(db, lease, id, place);
      return before.begun === hash;
    },
    async refused(id, place) {
      await send({ _id: id, stepsDone: place }, [
        { $set: { begun: null, fence } },
      ]);
    },
    async done(id, place) {
      const before = await send(
        { _id: id, stepsDone: place },
        [{ $set: { stepsDone: place + 1, begun: null, fence } }],
      );
      if (before === null) throw await refusal(db, lease, id, place);
    },
  };
}

/** Makes the collection, which a transaction should not. */
async function make(db: Db): Promise<true> {
  const there = await db.listCollections({ name: HISTORY }, { nameOnly: true })
    .hasNext();
  if (!there) {
    await db.createCollection(HISTORY).catch((error: unknown) => {
      if (serverCode(error) !== CODE.namespaceExists) throw error;
    });
  }
  return true;
}

/** Sends a write while the lease is there, and not otherwise. */
async function fenced<T>(
  driver: MongoDriver,
  lease: Lease,
  call: Call<T>,
): Promise<T> {
  if (!driver.transactions) {
    await lease.check();
    return await driver.send(call);
  }
  for (let tries = 1;; tries++) {
    const transaction = driver.begin();
    try {
      const { matchedCount } = await transaction.send({
        table: LOCK,
        command: { name: "update" },
        work: (locks, options) =>
          locks.updateOne(lease.filter, { $inc: { writes: 1 } }, options),
        rows: ({ matchedCount }) => matchedCount,
      });
      if (matchedCount === 0) throw lost(lease);
      const result = await transaction.send(call);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      // A renewal was in the way.
      if (!(error instanceof SerializationError) || tries === TRIES) {
        throw error;
      }
    }
    await pause(jittered(WAIT * tries));
  }
}

function lost({ fence }: Lease): LockError {
  return new LockError(
    `The lock on the migrations was lost: another process has it, and this one's (number ${fence}) writes nothing any more`,
  );
}

/** Why a step is not to be run now. */
async function refusal(
  db: Db,
  lease: Lease,
  id: string,
  place: number,
): Promise<Error> {
  const found = await db.collection<{ _id: string }>(HISTORY).findOne({
    _id: id,
  });
  const { fence, stepsDone }: Document = found ?? {};
  if (Number(fence) > lease.fence) return lost(lease);
  return notNext(id, place, found === null ? undefined : Number(stepsDone));
}
