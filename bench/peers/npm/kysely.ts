import { Kysely, PostgresDialect } from "kysely";
import { jsonArrayFrom } from "kysely/helpers/postgres";
import pg from "pg";
import Cursor from "pg-cursor";
import type { Peer } from "../peer.ts";
import { serve } from "../serve.ts";
import type { DetectionColumns, ObjectColumns } from "./columns.ts";
import { BATCH, batches, STREAM_BATCH } from "./batches.ts";

interface Database {
  object: ObjectColumns;
  detection: DetectionColumns;
}

const OTHERS = [
  "mjd",
  "fid",
  "pid",
  "diffmaglim",
  "isdiffpos",
  "nid",
  "ra",
  "dec",
  "magpsf",
  "sigmapsf",
  "magap",
  "sigmagap",
  "distnr",
  "rb",
  "rbversion",
  "drb",
  "drbversion",
  "magapbig",
  "sigmagapbig",
  "rfid",
  "magpsf_corr",
  "sigmapsf_corr",
  "sigmapsf_corr_ext",
  "corrected",
  "dubious",
  "parent_candid",
  "has_stamp",
  "step_id_corr",
] as const;

await serve((url): Peer => {
  const pool = new pg.Pool({
    connectionString: url,
    types: {
      getTypeParser: (oid: number, format: "text") =>
        oid === 20 ? BigInt : pg.types.getTypeParser(oid, format),
    } as pg.CustomTypesConfig,
  });
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool, cursor: Cursor }),
  });
  const byKey = (candid: bigint, oid: string) =>
    db.selectFrom("detection").selectAll()
      .where("candid", "=", candid).where("oid", "=", oid)
      .executeTakeFirst();
  const upserted = (connection: Kysely<Database>, rows: DetectionColumns[]) =>
    connection.insertInto("detection").values(rows).onConflict((conflict) =>
      conflict.columns(["candid", "oid"]).doUpdateSet((eb) =>
        Object.fromEntries(
          OTHERS.map((name) => [name, eb.ref(`excluded.${name}`)]),
        )
      )
    ).execute();
  return {
    findAll: () => db.selectFrom("detection").selectAll().execute(),
    find: (from) =>
      db.selectFrom("detection").selectAll().where("candid", ">=", from)
        .orderBy("candid").limit(50).execute(),
    include: (limit) =>
      db.selectFrom("object").selectAll().select((eb) =>
        jsonArrayFrom(
          eb.selectFrom("detection").selectAll()
            .whereRef("detection.oid", "=", "object.oid").orderBy("mjd"),
        ).as("detections")
      ).orderBy("oid").limit(limit).execute(),
    findOne: ({ candid, oid }) => byKey(candid, oid),
    getOrCreate: async (row) => {
      if (await byKey(row.candid, row.oid)) return false;
      const created = await db.insertInto("detection")
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .returningAll().executeTakeFirst();
      if (created === undefined) await byKey(row.candid, row.oid);
      return created !== undefined;
    },
    bulkInsert: (rows) =>
      db.transaction().execute(async (tx) => {
        for (const batch of batches(rows, BATCH)) {
          await tx.insertInto("detection")
            .values(batch)
            .onConflict((conflict) => conflict.doNothing()).execute();
        }
      }),
    bulkUpsert: (rows) =>
      db.transaction().execute(async (tx) => {
        for (const batch of batches(rows, BATCH)) {
          await upserted(tx, batch);
        }
      }),
    upsert: async (row) => void await upserted(db, [row]),
    stream: () => db.selectFrom("detection").selectAll().stream(STREAM_BATCH),
    close: () => db.destroy(),
  };
});
