import { type AnyModel, SQLConnection } from "@alerce/db-plugins";
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import { ingestAlerts, readAlerts } from "@alerce/db-plugins/ztf";
import type pg from "pg";
import { copyBuffer } from "../copy.ts";
import type { Line } from "../harness.ts";
import { bareClient, type ServerSettings } from "../settings.ts";
import { keyOf, nightRace, tablesOf, withNight } from "./night.ts";

/** Compares the ingest of an Avro file with decoding it and with writing its rows, whichever is slower. */
export async function ingest(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: ALERCE_MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  try {
    return await withNight(async (night) => {
      await ingestAlerts(db, readAlerts(night.path));
      const lines = new Map<string, ReadonlyMap<string, string>>();
      for (const model of tablesOf(night)) {
        lines.set(model.table, await linesOf(bare, model));
      }
      const batches = night.batches.map((batch) =>
        batch.map(([model, rows]) => ({
          model,
          text: rows.map((row) =>
            lines.get(model.table)?.get(keyOf(model, row)) ?? ""
          ).join(""),
        }))
      );
      for (const { table } of tablesOf(night)) {
        await bare.query(
          `create temporary table stage_${table} (like ${table}) on commit delete rows`,
        );
      }
      const lineOf = (work: string, jobs: number): Promise<Line> =>
        nightRace(night, {
          work,
          writes:
            "`pg`, COPY of prepared texts to temporary tables + INSERT … ON CONFLICT",
          before: async () => void await bare.query("truncate object cascade"),
          after: () =>
            Promise.all(
              tablesOf(night).map(async ({ table }) =>
                (await bare.query(
                  `select cast(count(*) as text), cast(sum(hashtextextended(cast(t as text), 0)) as text) from ${table} as t`,
                )).rows
              ),
            ),
          ours: () => ingestAlerts(db, readAlerts(night.path), { jobs }),
          async write() {
            for (const batch of batches) {
              await bare.query("begin");
              for (const { model, text } of batch) {
                await copyBuffer(bare, `stage_${model.table}`, text);
                await bare.query(insertOf(model));
              }
              await bare.query("commit");
            }
          },
        });
      return [
        await lineOf("ZTF alerts, Avro to eight tables", 1),
        await lineOf("the same, two batches at a time", 2),
      ];
    });
  } finally {
    await bare.end();
    await db.dropDb();
  }
}

/** Returns the statement that writes staged rows. The rows of a key are all the same in one batch. */
function insertOf({ table, primaryKey, fields }: AnyModel): string {
  const others = fields.map(({ column }) => column)
    .filter((column) => !primaryKey.includes(column));
  const key = primaryKey.join(", ");
  return table === "object"
    ? `insert into object select distinct on (${key}) * from stage_object order by ${key} on conflict (${key}) do update set ${
      others.map((column) => `${column} = excluded.${column}`).join(", ")
    }`
    : `insert into ${table} select * from stage_${table} on conflict do nothing`;
}

/** Returns the stored rows of a table as lines of COPY, by their keys. No text needs an escape. */
async function linesOf(
  bare: pg.Client,
  model: AnyModel,
): Promise<Map<string, string>> {
  const columns = model.fields.map(({ column }) => column);
  const { rows } = await bare.query<(string | null)[]>({
    text: `select ${columns.join(", ")} from ${model.table}`,
    rowMode: "array",
    types: { getTypeParser: () => (text: string) => text },
  });
  return new Map(
    rows.map((values) => [
      keyOf(
        model,
        Object.fromEntries(columns.map((name, index) => [name, values[index]])),
      ),
      `${values.map((value) => value ?? "\\N").join("\t")}\n`,
    ]),
  );
}
