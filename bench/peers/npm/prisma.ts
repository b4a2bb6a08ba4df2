import { PrismaPg } from "@prisma/adapter-pg";
import type { Peer } from "../peer.ts";
import { serve } from "../serve.ts";
import { PrismaClient } from "./generated/client.ts";
import type { detectionCreateManyInput } from "./generated/models/detection.ts";
import { batches, STREAM_BATCH } from "./batches.ts";

/** Upserts in a transaction: Prisma sends them one after the other. */
const UPSERTS = 1_000;
/** Milliseconds for a transaction, instead of Prisma's 5,000. */
const TIMEOUT = 600_000;

type Insert = detectionCreateManyInput;

await serve((url): Peer => {
  const db = new PrismaClient({
    adapter: new PrismaPg({ connectionString: url }),
  });
  const byKey = (candid: bigint, oid: string) =>
    db.detection.findUnique({ where: { candid_oid: { candid, oid } } });
  const upsertOf = (row: Insert) => {
    const { candid, oid, ...update } = row;
    return {
      where: { candid_oid: { candid: BigInt(candid), oid } },
      create: row,
      update,
    };
  };
  return {
    findAll: () => db.detection.findMany(),
    find: (from) =>
      db.detection.findMany({
        where: { candid: { gte: from } },
        orderBy: { candid: "asc" },
        take: 50,
      }),
    include: (limit) =>
      db.object.findMany({
        include: { detections: { orderBy: { mjd: "asc" } } },
        orderBy: { oid: "asc" },
        take: limit,
      }),
    findOne: ({ candid, oid }) => byKey(candid, oid),
    getOrCreate: async (row) => {
      if (await byKey(row.candid, row.oid)) return false;
      const created = await db.detection.createManyAndReturn({
        data: [row],
        skipDuplicates: true,
      });
      if (created.length === 0) await byKey(row.candid, row.oid);
      return created.length > 0;
    },
    bulkInsert: async (rows) =>
      void await db.detection.createMany({
        data: rows,
        skipDuplicates: true,
      }),
    bulkUpsert: (rows) =>
      db.$transaction(async (tx) => {
        for (const batch of batches(rows, UPSERTS)) {
          for (const row of batch) {
            await tx.detection.upsert(upsertOf(row));
          }
        }
      }, { timeout: TIMEOUT, maxWait: TIMEOUT }),
    upsert: async (row) => void await db.detection.upsert(upsertOf(row)),
    // Prisma has no streams: pages by key. Its cursor of two fields cannot use the index.
    async *stream() {
      let last: { candid: bigint; oid: string } | undefined;
      for (;;) {
        const rows = await db.detection.findMany({
          orderBy: [{ candid: "asc" }, { oid: "asc" }],
          take: STREAM_BATCH,
          ...(last === undefined ? {} : {
            where: {
              candid: { gte: last.candid },
              NOT: { candid: last.candid, oid: { lte: last.oid } },
            },
          }),
        });
        yield* rows;
        last = rows.at(-1);
        if (last === undefined || rows.length < STREAM_BATCH) break;
      }
    },
    close: () => db.$disconnect(),
  };
});
