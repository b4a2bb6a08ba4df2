import { type AnyModel, createWriter, SQLConnection } from "@alerce/db-plugins";
import {
  ALERCE_MODELS,
  AstroObject,
  Dataquality,
  Detection,
  NonDetection,
  Ps1_ztf,
  Reference,
} from "@alerce/db-plugins/models";
import { type AlertRows, alertRows, readAlerts } from "@alerce/db-plugins/ztf";
import { fileURLToPath } from "node:url";
import { copyBuffer, copyText } from "./copy.ts";
import { type Line, race } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";

const BATCH = 1_000;
const SMALL = "../examples/data/ztf_alerts_small.ndjson.gz";
const LARGE = "../../shared/data/ztf_alerts.ndjson.gz";

/** The rows of one batch of alerts, by table. */
type Batch = readonly (readonly [
  model: AnyModel,
  rows: readonly object[],
  isUpsert: boolean,
])[];

/** Compares the batch writer with bulk writes in a transaction. */
export async function writer(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: ALERCE_MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  try {
    const { alerts, batches } = await batchesOf();
    const counts = batches[0]?.map(([{ table }]) =>
      `(select count(*) from ${table})`
    );
    const texts = batches.map((batch) => batch.map(copyOf));
    const common = {
      work: `\`createWriter\`, six tables, batches of ${BATCH} alerts`,
      count: alerts,
      unit: "alerts",
      least: 0.9,
      before: async () => void await bare.query("truncate object cascade"),
      after: async () =>
        (await bare.query(`select ${counts?.join(" || ' ' || ")}`)).rows,
      async ours() {
        await using writer = createWriter(db, { onRejected: () => {} });
        for (const batch of batches) {
          for (const [model, rows, isUpsert] of batch) {
            if (isUpsert) writer.upsert(model, rows);
            else writer.insert(model, rows);
          }
          await writer.flush();
        }
      },
    };
    return [
      await race({
        ...common,
        against: "bulk writes in one transaction",
        async bare() {
          for (const batch of batches) {
            await db.transaction(async (tx) => {
              for (const [model, rows, isUpsert] of batch) {
                if (isUpsert) await tx.query(model).bulkUpsert(rows);
                else await tx.query(model).bulkInsert(rows);
              }
            });
          }
        },
      }),
      await race({
        ...common,
        against:
          "`pg`, COPY of prepared texts to temp tables + INSERT … ON CONFLICT, in one transaction",
        async bare() {
          for (const batch of texts) {
            await bare.query("begin");
            for (const { table, text, insert } of batch) {
              await bare.query(
                `create temporary table stage on commit drop as select * from ${table} limit 0`,
              );
              await copyBuffer(bare, "stage", text);
              await bare.query(insert);
              await bare.query("drop table stage");
            }
            await bare.query("commit");
          }
        },
      }),
    ];
  } finally {
    await bare.end();
    await db.dropDb();
  }
}

/** Returns rows as the text of a COPY, with the statement that writes them from there. */
function copyOf([model, rows, isUpsert]: Batch[number]) {
  const names = model.fields.map(({ column }) => column);
  const key = model.primaryKey.join(", ");
  const set = names.filter((name) => !model.primaryKey.includes(name))
    .map((name) => `${name} = excluded.${name}`).join(", ");
  const rule = isUpsert && set !== ""
    ? `(${key}) do update set ${set}`
    : "do nothing";
  return {
    table: model.table,
    text: copyText(rows, names),
    insert:
      `insert into ${model.table} select distinct on (${key}) * from stage order by ${key}, ctid desc on conflict ${rule}`,
  };
}

async function batchesOf(): Promise<{ alerts: number; batches: Batch[] }> {
  const path = await pathOf(LARGE) ?? await pathOf(SMALL) ?? "";
  const each = (await Array.fromAsync(readAlerts(path))).map(alertRows);
  const batches: Batch[] = [];
  for (let at = 0; at < each.length; at += BATCH) {
    const some = each.slice(at, at + BATCH);
    const of = (table: keyof AlertRows): object[] =>
      some.flatMap((rows): object[] => rows[table]);
    batches.push([
      [AstroObject, of("object"), true],
      [Detection, of("detection"), true],
      [NonDetection, of("non_detection"), true],
      [Dataquality, of("dataquality"), false],
      [Ps1_ztf, of("ps1_ztf"), false],
      [Reference, of("reference"), true],
    ]);
  }
  return { alerts: each.length, batches };
}

/** Returns the path of a file beside this one, if it exists. */
async function pathOf(name: string): Promise<string | undefined> {
  const path = fileURLToPath(new URL(name, import.meta.url));
  try {
    await Deno.stat(path);
    return path;
  } catch {
    return undefined;
  }
}
