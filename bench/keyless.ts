import { type AnyModel, defineModel, SQLConnection } from "@alerce/db-plugins";
import { z } from "zod";
import { copyText, throughStage } from "./copy.ts";
import { type Line, race } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";

const ROWS = 100_000;
/** A table without a unique key, as in ALeRCE's next schema: an index finds the rows of an object. */
const Feature: AnyModel = defineModel("feature", {
  fields: z.object({
    oid: z.string(),
    feature_id: z.int32(),
    version: z.string(),
    value: z.float64().nullable(),
    fid: z.int32(),
    mjd: z.float64(),
  }),
  indexes: [{ fields: ["oid"] }],
});
const OBJECTS = 500;
const KEY = ["oid", "feature_id", "version"];
const SAME = KEY.map((name) => `feature.${name} = stage.${name}`).join(" and ");
const UPDATE =
  `update feature set value = stage.value, fid = stage.fid, mjd = stage.mjd from stage where ${SAME}`;
const INSERT =
  `insert into feature select * from stage where not exists (select from feature where ${SAME})`;

function featuresOf(salt: number) {
  return Array.from({ length: ROWS }, (_, index) => ({
    oid: `ZTF18${(index % OBJECTS).toString(36).padStart(7, "0")}`,
    feature_id: Math.floor(index / OBJECTS),
    version: "23.12.26",
    value: Math.sin(index) * (salt + 1),
    fid: index % 3,
    mjd: 59_000 + salt,
  }));
}

/** Compares upserts by fields that are not a unique key with statements of the bare driver. */
export async function keyless(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: [Feature] });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  try {
    const features = featuresOf(0);
    const text = copyText(features, Feature.fields.map(({ name }) => name));
    return [
      await race({
        work:
          "`bulkUpsert` by fields that are not a unique key, 100,000 rows of 6 columns, half existing",
        against:
          "COPY to a temp table + UPDATE + INSERT … WHERE NOT EXISTS, without a lock",
        count: ROWS,
        unit: "rows",
        least: 0.85,
        async before() {
          await bare.query("truncate feature");
          await db.query(Feature).bulkInsert(
            featuresOf(1).filter((_, index) => index % 2 === 0),
          );
          await bare.query("analyze feature");
        },
        after: async () =>
          (await bare.query(
            "select count(*), sum(fid), max(mjd), max(value), min(value) from feature",
          )).rows[0],
        ours: async () =>
          void await db.query(Feature).bulkUpsert(features, { conflict: KEY }),
        bare: () => throughStage(bare, "feature", text, [UPDATE, INSERT]),
      }),
    ];
  } finally {
    await bare.end();
    await db.dropDb();
  }
}
