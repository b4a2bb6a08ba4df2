import { type AnyModel, defineModel, SQLConnection } from "@alerce/db-plugins";
import type pg from "pg";
import { z } from "zod";
import { copyBuffer, copyText } from "./copy.ts";
import { type Line, race } from "./harness.ts";
import { RULES } from "./merge_rules.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { Narrow, rowsOf } from "./tables.ts";

const ROWS = 100_000;
const SET = `on conflict (candid) do update set ${
  Narrow.fields.map(({ name }) => name)
    .filter((name) => name !== "candid" && name !== "version")
    .map((name) => `${name} = ${valueOf(name)}`).join(", ")
}`;

function valueOf(name: string): string {
  const rule = RULES[name];
  return rule === undefined
    ? `excluded.${name}`
    : `${
      rule === "ifNull" ? "coalesce" : rule
    }(narrow.${name}, excluded.${name})`;
}

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
    oid: `ZTF18${(index % OBJECTS).toString(36).padStart(7, "a")}`,
    feature_id: Math.floor(index / OBJECTS),
    version: "23.12.26",
    value: Math.sin(index) * (salt + 1),
    fid: index % 3,
    mjd: 59_000 + salt,
  }));
}

/** Compares upserts with rules for each field with statements of the bare driver. */
export async function merging(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: [Narrow, Feature] });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  try {
    const rows = rowsOf(Narrow, ROWS);
    const existing = rowsOf(Narrow, ROWS, 1)
      .filter((_, index) => index % 2 === 0);
    const columns = Narrow.fields.map(({ name }) => name);
    const narrow = db.query(Narrow);
    const lines: Line[] = [];
    for (
      const [order, given] of [
        ["in the order of the key", rows],
        ["in another order", shuffled(rows)],
      ] as const
    ) {
      const text = copyText(given, columns);
      lines.push(
        await race({
          work:
            `\`bulkUpsert\` with \`merge\`, 100,000 rows of 20 columns ${order}, half existing`,
          against:
            "COPY to a temp table + INSERT … ON CONFLICT DO UPDATE SET … least(…)",
          count: ROWS,
          unit: "rows",
          least: 0.85,
          async before() {
            await bare.query("truncate narrow");
            await narrow.bulkInsert(existing);
            await bare.query("analyze narrow");
          },
          after: async () =>
            (await bare.query(
              "select count(*), sum(i0), sum(i1), max(d0), min(d1), min(version) from narrow",
            )).rows[0],
          ours: async () =>
            void await narrow.bulkUpsert(given, { merge: RULES }),
          bare: () =>
            throughStage(
              bare,
              "narrow",
              text,
              [`insert into narrow select * from stage ${SET}`],
            ),
        }),
      );
    }
    const features = featuresOf(0);
    const text = copyText(features, Feature.fields.map(({ name }) => name));
    lines.push(
      await race({
        work:
          "`bulkUpsert` by fields that are no unique key, 100,000 rows of 6 columns, half existing",
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
    );
    return lines;
  } finally {
    await bare.end();
    await db.dropDb();
  }
}

/** Returns rows in an order that does not depend on their keys, the same in every run. */
function shuffled<T>(rows: readonly T[]): T[] {
  return rows.map((_, index) => rows[index * 7_919 % rows.length])
    .filter((row) => row !== undefined);
}

async function throughStage(
  bare: pg.Client,
  table: string,
  text: string,
  statements: readonly string[],
): Promise<void> {
  await bare.query("begin");
  await bare.query(
    `create temporary table stage (like ${table}) on commit drop`,
  );
  await copyBuffer(bare, "stage", text);
  for (const statement of statements) await bare.query(statement);
  await bare.query("commit");
}
