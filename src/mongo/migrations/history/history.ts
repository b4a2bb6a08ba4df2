import type { Db, Document } from "mongodb";
import {
  ConnectionError,
  LockError,
  SerializationError,
} from "../../../base/errors/mod.ts";
import type { HistoryRecord } from "../../../engine/migrations/mod.ts";
import { notNextStep } from "../../../migrations/history/next_step.ts";
import { jittered } from "../../../base/pause.ts";
import { retry } from "../../../base/retry.ts";
import type { Call, MongoDriver } from "../../link/link.ts";
import { HISTORY } from "../../../migrations/history/record.ts";
import type { WrittenRecord } from "../../../migrations/history/stored_record.ts";
import { LOCK } from "../../schema/own_collections.ts";
import { isSelectionFailure } from "../../link/mongo_error.ts";
import { CODE, serverCode } from "../../link/codes.ts";
import type { Lease } from "./lease.ts";
import { documentOf, formerRuns, recordOf } from "./document.ts";

/** Writes the history under a lease. */
export interface History {
  /** Creates the collection if it is missing. */
  create(): Promise<void>;
  /**
   * Inserts or replaces a record. The same write keeps the replaced run among
   * the former runs, and keeps the note of a started step if that step is still
   * the next one.
   */
  write(record: WrittenRecord): Promise<void>;
  /**
   * Records that a step starts. Returns whether an earlier run started it.
   *
   * @throws {MigrationError} with exit code 4 if another step is next
   */
  begin(id: string, index: number, hash: string): Promise<boolean>;
  /** Records that the server refused a started step, which changed nothing. */
  refused(id: string, index: number): Promise<void>;
  /** Records that a step is done. */
  done(id: string, index: number): Promise<void>;
}

/** Attempts of a write that conflicts with another one. */
const ATTEMPTS = 12;
/** Milliseconds before the second attempt; each further pause is longer by as much. */
const PAUSE = 30;

/** Returns the history of a database, oldest record first. */
export async function readHistory(db: Db): Promise<HistoryRecord[]> {
  const documents = await db.collection<Document>(HISTORY).find({}, {
    readPreference: "primary",
  }).sort({ startedAt: 1, _id: 1 }).toArray();
  return documents.map(recordOf);
}

/**
 * Returns the history for a process that holds the lease. If the server has
 * transactions, each write is one transaction with a write to the lease, which
 * fails after another process acquired the lease. Otherwise each record stores
 * the fence number of its writer: a new lease writes its own number into every
 * record, after which a write of an earlier lease matches no record.
 */
export async function historyUnder(
  driver: MongoDriver,
  db: Db,
  lease: Lease,
): Promise<History> {
  const { fence } = lease;
  const unfenced = { $or: [{ fence: { $lte: fence } }, { fence: null }] };
  if (!driver.transactions) {
    await db.collection(HISTORY).updateMany(unfenced, { $set: { fence } });
  }
  let created = false;
  const createOnce = async (): Promise<void> => {
    created ||= await createCollection(db);
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
        collection.findOneAndUpdate({ ...filter, ...unfenced }, update, {
          ...options,
          upsert,
          returnDocument: "before",
        }),
      rows: () => 1,
    };
    return await sendFenced(driver, lease, call);
  };
  return {
    create: createOnce,
    async write(record) {
      await createOnce();
      const { _id, ...document } = documentOf(record);
      const isSameStep = {
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
            former: formerRuns(record),
            begun: { $cond: [isSameStep, { $ifNull: ["$begun", null] }, null] },
          },
        }], true);
      } catch (error) {
        // The filter did not match a record with the number of a later lease, so the upsert tried to insert it again.
        if (serverCode(error) === CODE.duplicateKey) throw lockLost(lease);
        throw error;
      }
    },
    async begin(id, index, hash) {
      const before = await send(
        { _id: id, stepsDone: index },
        [{ $set: { begun: { $literal: hash }, fence } }],
      );
      if (before === null) throw await refusal(db, lease, id, index);
      return before.begun === hash;
    },
    async refused(id, index) {
      await send({ _id: id, stepsDone: index }, [
        { $set: { begun: null, fence } },
      ]);
    },
    async done(id, index) {
      const before = await send(
        { _id: id, stepsDone: index },
        [{ $set: { stepsDone: index + 1, begun: null, fence } }],
      );
      if (before === null) throw await refusal(db, lease, id, index);
    },
  };
}

/** Creates the collection outside of a transaction. */
async function createCollection(db: Db): Promise<true> {
  const exists = await db.listCollections({ name: HISTORY }, { nameOnly: true })
    .hasNext();
  if (!exists) {
    await db.createCollection(HISTORY).catch((error: unknown) => {
      if (serverCode(error) !== CODE.namespaceExists) throw error;
    });
  }
  return true;
}

/** Sends a write that takes effect only while this process holds the lease. */
async function sendFenced<T>(
  driver: MongoDriver,
  lease: Lease,
  call: Call<T>,
): Promise<T> {
  if (!driver.transactions) {
    await lease.check();
    return await driver.send(call);
  }
  return await retry(async () => {
    const transaction = driver.begin();
    try {
      const { matchedCount } = await transaction.send({
        table: LOCK,
        command: { name: "update" },
        work: (locks, options) =>
          locks.updateOne(lease.filter, { $inc: { writes: 1 } }, options),
        rows: ({ matchedCount }) => matchedCount,
      });
      if (matchedCount === 0) throw lockLost(lease);
      const result = await transaction.send(call);
      await transaction.commit();
      return result;
    } catch (error) {
      const rolledBack = transaction.rollback();
      // The server ends the transaction of a lost connection itself.
      const isLost = error instanceof ConnectionError ||
        isSelectionFailure(error);
      if (!isLost) await rolledBack;
      throw error;
    }
  }, {
    attempts: ATTEMPTS,
    // The transaction conflicted with a renewal of the lease.
    isRetryable: (error) => error instanceof SerializationError,
    wait: (attempt) => jittered(PAUSE * attempt),
  });
}

function lockLost({ fence }: Lease): LockError {
  return new LockError(
    `Lost the migration lock: another process acquired it. This process (lock number ${fence}) writes nothing more to the history`,
  );
}

/** Returns the reason why a step cannot run now. */
async function refusal(
  db: Db,
  lease: Lease,
  id: string,
  index: number,
): Promise<Error> {
  const found = await db.collection<{ _id: string }>(HISTORY).findOne({
    _id: id,
  });
  const { fence, stepsDone }: Document = found ?? {};
  if (Number(fence) > lease.fence) return lockLost(lease);
  return notNextStep(id, index, found === null ? undefined : Number(stepsDone));
}
