import {
  and,
  asc,
  eq,
  getTableColumns,
  gte,
  relations,
  sql,
} from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  pgTable,
  primaryKey,
  varchar,
} from "drizzle-orm/pg-core";
import pg from "pg";
import Cursor from "pg-cursor";
import type { Peer } from "../peer.ts";
import { serve } from "../serve.ts";
import { BATCH, batches, STREAM_BATCH } from "./batches.ts";

const object = pgTable("object", {
  oid: varchar().primaryKey(),
  ndethist: integer(),
  ncovhist: integer(),
  mjdstarthist: doublePrecision(),
  mjdendhist: doublePrecision(),
  corrected: boolean(),
  stellar: boolean(),
  ndet: integer(),
  g_r_max: doublePrecision(),
  g_r_max_corr: doublePrecision(),
  g_r_mean: doublePrecision(),
  g_r_mean_corr: doublePrecision(),
  meanra: doublePrecision(),
  meandec: doublePrecision(),
  sigmara: doublePrecision(),
  sigmadec: doublePrecision(),
  deltajd: doublePrecision(),
  firstmjd: doublePrecision(),
  lastmjd: doublePrecision(),
  step_id_corr: varchar(),
  diffpos: boolean(),
  reference_change: boolean(),
});

const detection = pgTable("detection", {
  candid: bigint({ mode: "bigint" }).notNull(),
  oid: varchar().notNull().references(() => object.oid),
  mjd: doublePrecision().notNull(),
  fid: integer().notNull(),
  pid: doublePrecision().notNull(),
  diffmaglim: doublePrecision(),
  isdiffpos: integer().notNull(),
  nid: integer(),
  ra: doublePrecision().notNull(),
  dec: doublePrecision().notNull(),
  magpsf: doublePrecision().notNull(),
  sigmapsf: doublePrecision().notNull(),
  magap: doublePrecision(),
  sigmagap: doublePrecision(),
  distnr: doublePrecision(),
  rb: doublePrecision(),
  rbversion: varchar(),
  drb: doublePrecision(),
  drbversion: varchar(),
  magapbig: doublePrecision(),
  sigmagapbig: doublePrecision(),
  rfid: integer(),
  magpsf_corr: doublePrecision(),
  sigmapsf_corr: doublePrecision(),
  sigmapsf_corr_ext: doublePrecision(),
  corrected: boolean().notNull(),
  dubious: boolean().notNull(),
  parent_candid: bigint({ mode: "bigint" }),
  has_stamp: boolean().notNull(),
  step_id_corr: varchar().notNull(),
}, (table) => [primaryKey({ columns: [table.candid, table.oid] })]);

const objectRelations = relations(object, ({ many }) => ({
  detections: many(detection),
}));
const detectionRelations = relations(detection, ({ one }) => ({
  object: one(object, { fields: [detection.oid], references: [object.oid] }),
}));

await serve((url): Peer => {
  const pool = new pg.Pool({ connectionString: url });
  const db = drizzle(pool, {
    schema: { object, detection, objectRelations, detectionRelations },
  });
  const byKey = db.select().from(detection).where(and(
    eq(detection.candid, sql.placeholder("candid")),
    eq(detection.oid, sql.placeholder("oid")),
  )).prepare("by_key");
  const { candid: _candid, oid: _oid, ...others } = getTableColumns(detection);
  const excluded = Object.fromEntries(
    Object.values(others).map(({ name }) => [
      name,
      sql.raw(`excluded."${name}"`),
    ]),
  );
  const target = [detection.candid, detection.oid];
  return {
    findAll: () => db.select().from(detection),
    find: (from) =>
      db.select().from(detection).where(gte(detection.candid, from)).orderBy(
        asc(detection.candid),
      ).limit(50),
    include: (limit) =>
      db.query.object.findMany({
        with: { detections: { orderBy: asc(detection.mjd) } },
        orderBy: asc(object.oid),
        limit,
      }),
    findOne: async ({ candid, oid }) =>
      (await byKey.execute({ candid, oid }))[0],
    getOrCreate: async (row) => {
      const { candid, oid } = row;
      if ((await byKey.execute({ candid, oid })).length > 0) return false;
      const created = await db.insert(detection).values(row)
        .onConflictDoNothing().returning();
      if (created.length === 0) await byKey.execute({ candid, oid });
      return created.length > 0;
    },
    bulkInsert: (rows) =>
      db.transaction(async (tx) => {
        for (const batch of batches(rows, BATCH)) {
          await tx.insert(detection).values(batch)
            .onConflictDoNothing();
        }
      }),
    bulkUpsert: (rows) =>
      db.transaction(async (tx) => {
        for (const batch of batches(rows, BATCH)) {
          await tx.insert(detection).values(batch)
            .onConflictDoUpdate({ target, set: excluded });
        }
      }),
    upsert: async (row) =>
      void await db.insert(detection).values(row)
        .onConflictDoUpdate({ target, set: excluded }),
    // Drizzle has no streams for PostgreSQL: its query runs with a cursor of pg.
    async *stream() {
      const client = await pool.connect();
      const { sql: text, params } = db.select().from(detection).toSQL();
      const cursor = client.query(
        new Cursor(text, params, {
          types: {
            getTypeParser: (oid: number, format: "text") =>
              oid === 20 ? BigInt : pg.types.getTypeParser(oid, format),
          },
        }),
      );
      try {
        for (;;) {
          const rows = await cursor.read(STREAM_BATCH);
          if (rows.length === 0) break;
          yield* rows;
        }
      } finally {
        await cursor.close();
        client.release();
      }
    },
    close: () => pool.end(),
  };
});
