import { type AnyModel, SQLConnection } from "@alerce/db-plugins";
import {
  alertOf as lsstAlertOf,
  type LsstAlert,
} from "@alerce/db-plugins/lsst";
import { MULTISURVEY_MODELS } from "@alerce/db-plugins/models/multisurvey";
import {
  alertOf as ztfAlertOf,
  ingestAlerts,
  type ZtfAlert,
} from "@alerce/db-plugins/ztf";
import type pg from "pg";
import { copyBuffer } from "../copy.ts";
import { type Line, race } from "../harness.ts";
import { bareClient, type ServerSettings } from "../settings.ts";

/** Real alerts of the tests: each is repeated, with identifiers of its own. */
const DATA = new URL("../../tests/data/multisurvey/", import.meta.url);
const COPIES = 50;
/** The number of alerts in a transaction, as in `ingestAlerts`. */
const BATCH = 500;
const LEAST = 0.7;
const ROUNDS = 3;

/** The tables that alerts fill. */
const MODELS = MULTISURVEY_MODELS.filter(({ table }) =>
  /^(object$|detection|forced|lsst|ztf)/.test(table)
);

type Alert = LsstAlert | ZtfAlert;

/** Compares the ingest of decoded alerts into the multi-survey tables with writing the same rows. */
export async function surveys(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  try {
    for (const { table } of MODELS) {
      await bare.query(
        `create temporary table stage_${table} (like ${table}) on commit delete rows`,
      );
    }
    return [
      await raceOf(db, bare, "LSST", await copies("lsst_alerts", lsstCopy)),
      await raceOf(db, bare, "ZTF", await copies("ztf_alerts", ztfCopy)),
    ];
  } finally {
    await bare.end();
    await db.dropDb();
  }
}

/** Races an ingest of alerts with COPY of the rows that it stored. */
async function raceOf(
  db: SQLConnection<readonly AnyModel[]>,
  bare: pg.Client,
  survey: string,
  alerts: readonly Alert[],
): Promise<Line> {
  const tables = MODELS.map(({ table }) => table);
  const empty = async () => void await bare.query(`truncate ${tables}`);
  const ours = async () =>
    void await ingestAlerts(db, alerts, { schema: "multisurvey" });
  await empty();
  await ours();
  const texts = new Map<string, string[]>();
  for (const model of MODELS) {
    const found = await batchesOf(
      bare,
      model,
      Math.ceil(alerts.length / BATCH),
    );
    if (found.length > 0) texts.set(model.table, found);
  }
  return await race({
    work:
      `${survey} alerts, decoded, to ${texts.size} tables of the multi-survey schema`,
    against:
      "`pg`, COPY of prepared texts to temporary tables + INSERT … ON CONFLICT DO NOTHING",
    before: empty,
    after: async () => {
      const counts = [...texts.keys()].map((table) =>
        `(select count(*) from ${table}) as ${table}`
      );
      return (await bare.query(`select ${counts}`)).rows;
    },
    ours,
    async bare() {
      for (let at = 0; at < alerts.length / BATCH; at++) {
        await bare.query("begin");
        for (const [table, batches] of texts) {
          await copyBuffer(bare, `stage_${table}`, batches[at] ?? "");
          await bare.query(
            `insert into ${table} select * from stage_${table} on conflict do nothing`,
          );
        }
        await bare.query("commit");
      }
    },
    ...{ count: alerts.length, unit: "alerts", least: LEAST, rounds: ROUNDS },
  });
}

/** Returns the stored rows of a table as texts of COPY, in batches of equal size. */
async function batchesOf(
  bare: pg.Client,
  { table, fields }: AnyModel,
  count: number,
): Promise<string[]> {
  const columns = fields.map(({ column }) => `"${column}"`);
  const { rows } = await bare.query<(string | null)[]>({
    text: `select ${columns} from ${table}`,
    rowMode: "array",
    types: { getTypeParser: () => (text: string) => text },
  });
  const lines = rows.map((values) =>
    `${
      values.map((value) => value?.replaceAll("\\", "\\\\") ?? "\\N").join("\t")
    }\n`
  );
  const size = Math.ceil(lines.length / count);
  return size === 0
    ? []
    : Array.from({ length: count }, (_, at) =>
      lines.slice(at * size, (at + 1) * size).join(""));
}

/** Returns copies of the alerts of a file. */
async function copies(
  file: string,
  copyOf: (line: string, copy: number) => Alert,
): Promise<Alert[]> {
  const { body } = await fetch(new URL(`${file}.ndjson.gz`, DATA));
  const text = await new Response(
    body?.pipeThrough(new DecompressionStream("gzip")),
  ).text();
  const lines = text.trim().split("\n");
  return Array.from(
    { length: COPIES },
    (_, copy) => lines.map((line) => copyOf(line, copy)),
  ).flat();
}

/** 64-bit identifiers in a text. */
const IDENTIFIER = /"(\d{16,19})"/g;
/** What separates the identifiers of a copy from those of the one before. */
const STEP = 1_000_000_000_000_007n;

function lsstCopy(line: string, copy: number): LsstAlert {
  return lsstAlertOf(JSON.parse(shifted(line, copy)));
}

/** Each copy is of another year: no two objects have the same letters. */
function ztfCopy(line: string, copy: number): ZtfAlert {
  const alert = JSON.parse(shifted(line, copy));
  const year = String(copy).padStart(2, "0");
  const letters = alert.objectId.slice("ZTF00".length);
  return ztfAlertOf({ ...alert, objectId: `ZTF${year}${letters}` });
}

/** Returns a text whose identifiers are those of a copy. */
function shifted(line: string, copy: number): string {
  return line.replace(
    IDENTIFIER,
    (_, id: string) => `"${BigInt(id) + BigInt(copy) * STEP}"`,
  );
}
