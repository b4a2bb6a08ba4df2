import { SQLConnection } from "@alerce/db-plugins";
import { ALERCE_MODELS, Detection } from "@alerce/db-plugins/models";
import { join } from "node:path";
import type pg from "pg";
import {
  copyBuffer,
  copyText,
  copyWithPsql,
  hasPsql,
  throughStage,
} from "./copy.ts";
import { type Line, race } from "./harness.ts";
import { detectionsOf, fillObjects } from "./light_curves.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, Narrow, rowsOf } from "./tables.ts";

const ROWS = 100_000;
const OBJECTS = 2_000;

const columns = Narrow.fields.map(({ name }) => name);
const others = columns.filter((name) => name !== "candid");
const INTO = "insert into narrow select * from stage";
const UPDATE = `on conflict (candid) do update set ${
  others.map((name) => `${name} = excluded.${name}`).join(", ")
}`;

/** Compares bulk writes of many rows with COPY by `psql` and by the bare driver. */
export async function bulk(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({
    models: [...BENCH_MODELS, ...ALERCE_MODELS],
  });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  const folder = await Deno.makeTempDir();
  try {
    const rows = rowsOf(Narrow, ROWS);
    const other = rowsOf(Narrow, ROWS, 1);
    const text = copyText(rows, columns);
    const copy = await copyOf(settings, bare, folder);
    const query = db.query(Narrow);
    const total = async (): Promise<unknown> =>
      (await bare.query(
        "select count(*), sum(d0), sum(i0), max(oid) from narrow",
      )).rows[0];
    const filled = (given: typeof rows) => async (): Promise<void> => {
      await bare.query("truncate narrow");
      await query.bulkInsert(given);
      await bare.query("analyze narrow");
    };
    const common = { count: ROWS, unit: "rows", after: total };
    const upsert = (work: string, least: number, before: typeof rows) =>
      race({
        ...common,
        work: `\`bulkUpsert\`, 100,000 rows of 20 columns, ${work}`,
        against: "COPY to a temp table + INSERT … ON CONFLICT DO UPDATE",
        least,
        before: filled(before),
        ours: async () => void await query.bulkUpsert(rows),
        bare: () => throughStage(bare, "narrow", text, [`${INTO} ${UPDATE}`]),
      });
    const lines = [
      await race({
        ...common,
        work: "`bulkInsert`, 100,000 new rows of 20 columns",
        against: copy.name,
        least: 1.6,
        before: filled([]),
        ours: async () => void await query.bulkInsert(rows),
        bare: await copy.prepare("narrow", text),
      }),
      await race({
        ...common,
        work: "`bulkInsert`, 100,000 rows of 20 columns, 10 % existing",
        against: "COPY to a temp table + INSERT … ON CONFLICT DO NOTHING",
        least: 1.05,
        before: filled(other.filter((_, index) => index % 10 === 0)),
        ours: async () => void await query.bulkInsert(rows),
        bare: () =>
          throughStage(bare, "narrow", text, [
            `${INTO} on conflict do nothing`,
          ]),
      }),
      await upsert("all new", 1, []),
      await upsert(
        "half existing",
        1,
        other.filter((_, index) => index % 2 === 0),
      ),
      await upsert("all existing", 1, other),
      await upsert("all existing and equal", 1.3, rows),
    ];
    await fillObjects(bare, OBJECTS);
    const detections = detectionsOf(ROWS, OBJECTS);
    const names = Detection.fields.map(({ name }) => name);
    lines.push(
      await race({
        work: "`bulkInsert` into `detection`, 100,000 new rows",
        against: copy.name,
        count: ROWS,
        unit: "rows",
        least: 1.2,
        before: async () => void await bare.query("truncate detection cascade"),
        after: async () =>
          (await bare.query(
            "select count(*), sum(magpsf), sum(fid), max(oid) from detection",
          )).rows[0],
        ours: async () => void await db.query(Detection).bulkInsert(detections),
        bare: await copy.prepare(
          `detection (${names.join(", ")})`,
          copyText(detections, names),
        ),
      }),
    );
    return lines;
  } finally {
    await bare.end();
    await db.dropDb();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns the fastest COPY that is there, for texts that are prepared before. */
async function copyOf(
  settings: ServerSettings,
  bare: pg.Client,
  folder: string,
) {
  const isPsql = await hasPsql();
  let files = 0;
  return {
    name: isPsql
      ? "`psql \\copy`, text"
      : "text COPY of a prepared buffer (psql is missing)",
    async prepare(target: string, text: string): Promise<() => Promise<void>> {
      if (!isPsql) return () => copyBuffer(bare, target, text);
      const file = join(folder, `${++files}.tsv`);
      await Deno.writeTextFile(file, text);
      return () => copyWithPsql(settings, target, file);
    },
  };
}
