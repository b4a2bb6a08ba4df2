import {
  type Collection,
  type Document,
  type MongoBulkWriteError,
  MongoClient,
  MongoServerError,
} from "mongodb";
import { median } from "./harness.ts";
import { RULES } from "./merge_rules.ts";

const SIZES = [1_000, 2_000, 5_000, 10_000, 20_000];
const TRIES = 3;
const UPSERT_BATCH = 1_000;
const IN_FLIGHT = 2;
/** Number of generated documents in an insert: the batches of this package. */
const GENERATED_BATCH = 2_000;

/** Creates a client of the bare driver, configured like this package: exact 64-bit integers, no validation of UTF-8. */
export function bareMongoClient(url: string): MongoClient {
  return new MongoClient(url, {
    useBigInt64: true,
    enableUtf8Validation: false,
  });
}

/** The same work with the bare driver, as fast as possible. */
export class BareMongo {
  readonly #collection: Collection;
  /** Number of documents in an insert. */
  insertBatch = 1_000;
  /** Number of documents in a batch of a read. */
  readBatch = 1_000;

  /** @param collection an existing collection */
  constructor(collection: Collection) {
    this.#collection = collection;
  }

  /** Measures batch sizes and keeps the fastest. */
  async chooseBatches(
    rows: readonly Document[],
    empty: () => Promise<void>,
  ): Promise<void> {
    this.insertBatch = await fastest(async (size) => {
      await empty();
      this.insertBatch = size;
      return await timed(() => this.insert(rows));
    });
    this.readBatch = await fastest((size) => {
      this.readBatch = size;
      return timed(() => this.findAll());
    });
  }

  /** Inserts documents, two batches at a time. */
  async insert(rows: readonly Document[]): Promise<void> {
    await inBatches(
      rows,
      this.insertBatch,
      IN_FLIGHT,
      (batch) =>
        this.#collection.insertMany(batch, {
          ordered: false,
          forceServerObjectId: true,
        }),
    );
  }

  /** Updates documents by their key, or inserts them. */
  async upsert(rows: readonly Document[]): Promise<void> {
    await inBatches(
      rows,
      UPSERT_BATCH,
      1,
      (batch) =>
        this.#collection.bulkWrite(
          batch.map(upsertOf),
          { ordered: false },
        ),
    );
  }

  /** Merges documents into those of their keys, or inserts them, by updates that the server computes. */
  async merge(rows: readonly Document[]): Promise<void> {
    await inBatches(
      rows,
      UPSERT_BATCH,
      1,
      (batch) =>
        this.#collection.bulkWrite(batch.map(mergeOf), { ordered: false }),
    );
  }

  /** Inserts one document; returns whether its key was new. */
  async insertOne(row: Document): Promise<boolean> {
    try {
      await this.#collection.insertOne(row, { forceServerObjectId: true });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  /** Inserts a few documents; returns the number of those with a new key. */
  async insertFew(rows: readonly Document[]): Promise<number> {
    try {
      const { insertedCount } = await this.#collection.insertMany(rows, {
        ordered: false,
        forceServerObjectId: true,
      });
      return insertedCount;
    } catch (error) {
      if (isDuplicate(error)) return error.result.insertedCount;
      throw error;
    }
  }

  /** Updates a document by its key, or inserts it; returns the numbers of inserted and changed documents. */
  async upsertOne(
    { candid, ...others }: Document,
  ): Promise<readonly number[]> {
    const { upsertedCount, modifiedCount } = await this.#collection.updateOne(
      { candid },
      { $set: others },
      { upsert: true },
    );
    return [upsertedCount, modifiedCount];
  }

  /** Does the same for a few documents in one command. */
  async upsertFew(rows: readonly Document[]): Promise<readonly number[]> {
    const { upsertedCount, modifiedCount } = await this.#collection.bulkWrite(
      rows.map(upsertOf),
      { ordered: false },
    );
    return [upsertedCount, modifiedCount];
  }

  /** Returns every document, without its `_id`. */
  async findAll(): Promise<Document[]> {
    return await this.#collection.find({}, {
      projection: { _id: 0 },
      batchSize: this.readBatch,
    }).toArray();
  }

  /** Returns one document by its key. */
  async findOne(candid: bigint): Promise<Document | null> {
    return await this.#collection.findOne({ candid }, {
      projection: { _id: 0 },
    });
  }

  /** Finds or inserts a document, and returns whether it was inserted. */
  async getOrCreate(row: Document): Promise<boolean> {
    const { lastErrorObject } = await this.#collection.findOneAndUpdate(
      { candid: row.candid },
      { $setOnInsert: row },
      {
        upsert: true,
        returnDocument: "after",
        projection: { _id: 0 },
        includeResultMetadata: true,
      },
    );
    return lastErrorObject?.updatedExisting === false;
  }

  /** Returns totals of the collection, to compare results. */
  async total(): Promise<unknown> {
    return await this.#collection.aggregate([{
      $group: {
        _id: null,
        count: { $sum: 1 },
        i0: { $sum: "$i0" },
        // Sums of floats depend on their order.
        d0: { $sum: { $round: ["$d0", 0] } },
        oid: { $max: "$oid" },
        candid: { $max: "$candid" },
      },
    }]).toArray();
  }
}

/** Inserts generated documents, as {@link BareMongo} inserts those of a list. */
export async function insertGenerated(
  collection: Collection,
  rows: Iterable<Document>,
): Promise<void> {
  const sending = new Set<Promise<unknown>>();
  const send = async (batch: Document[]): Promise<void> => {
    if (sending.size >= IN_FLIGHT) await Promise.race(sending);
    const sent: Promise<unknown> = collection.insertMany(batch, {
      ordered: false,
      forceServerObjectId: true,
    }).finally(() => sending.delete(sent));
    sending.add(sent);
  };
  let batch: Document[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < GENERATED_BATCH) continue;
    await send(batch);
    batch = [];
  }
  if (batch.length > 0) await send(batch);
  await Promise.all(sending);
}

function upsertOf({ candid, ...others }: Document) {
  return {
    updateOne: { filter: { candid }, update: { $set: others }, upsert: true },
  };
}

function mergeOf({ candid, ...others }: Document) {
  const set = Object.fromEntries(
    Object.entries(others).map(([name, value]) => {
      const given = typeof value === "string" ? { $literal: value } : value;
      switch (RULES[name]) {
        case "least":
          return [name, { $min: [`$${name}`, given] }];
        case "greatest":
          return [name, { $max: [`$${name}`, given] }];
        case "keep":
        case "ifNull":
          return [name, { $ifNull: [`$${name}`, given] }];
        default:
          return [name, given];
      }
    }),
  );
  return {
    updateOne: { filter: { candid }, update: [{ $set: set }], upsert: true },
  };
}

function isDuplicate(error: unknown): error is MongoBulkWriteError {
  return error instanceof MongoServerError && error.code === 11000;
}

async function inBatches(
  rows: readonly Document[],
  size: number,
  lanes: number,
  send: (batch: Document[]) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: lanes }, async () => {
    while (next < rows.length) {
      const batch = rows.slice(next, next += size);
      await send(batch);
    }
  }));
}

async function fastest(
  time: (size: number) => Promise<number>,
): Promise<number> {
  let best = { size: 0, time: Infinity };
  for (const size of SIZES) {
    const times: number[] = [];
    for (let round = 0; round < TRIES; round++) times.push(await time(size));
    if (median(times) < best.time) best = { size, time: median(times) };
  }
  return best.size;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
