import { SQLConnection } from "@alerce/db-plugins";
import type pg from "pg";
import { join } from "node:path";
import { copyWithPsql, hasPsql } from "./copy.ts";
import { dbp, memoryLine, writeSettings } from "./dbp.ts";
import { type Line, race } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, FIRST, rowsOf, Wide } from "./tables.ts";

/** Rows of the file. */
const ROWS = Number(Deno.env.get("DBP_BENCH_LOAD_ROWS") ?? 1_000_000);
/** Rows that are generated at once. */
const PART = 50_000;

const columns = Wide.fields.map(({ name }) => name);

/** Compares `dbp load` of a CSV file with `\copy` of the same file, each with the start of its process. */
export async function loading(settings: ServerSettings): Promise<Line[]> {
  if (!await hasPsql()) return [];
  const folder = await Deno.makeTempDir({ prefix: "dbp-bench-" });
  const file = join(folder, "wide.csv");
  await using db = new SQLConnection({ models: BENCH_MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  try {
    await writeFile(file);
    await writeSettings(folder, settings);
    const loaded = (
      work: string,
      least: number,
      command: string,
      against = "`psql \\copy`",
    ): Promise<Line> =>
      race({
        work,
        against,
        count: ROWS,
        unit: "rows",
        least,
        rounds: 3,
        before: async () => void await bare.query("truncate wide"),
        after: () => digest(bare),
        ours: () => dbp(folder, command),
        bare: () =>
          copyWithPsql(
            settings,
            `wide (${columns.join(", ")})`,
            file,
            "csv header",
          ),
      });
    const lines: Line[] = [];
    for (const [jobs, least] of [[1, 0.7], [2, 1]] as const) {
      lines.push(
        await loaded(
          `\`dbp load\`, CSV, \`--jobs ${jobs}\``,
          least,
          `load wide ${file} --again --jobs ${jobs}`,
        ),
      );
    }
    const parquet = join(folder, "wide.parquet");
    await dbp(folder, `export wide ${parquet}`);
    lines.push(
      await loaded(
        "`dbp load`, Parquet",
        0.8,
        `load wide ${parquet} --again`,
        "`psql \\copy` of the same rows as CSV",
      ),
    );
    await bare.query("truncate wide");
    return [
      ...lines,
      await memoryLine(
        "`dbp load`, memory",
        folder,
        `load wide ${file} --again`,
      ),
    ];
  } finally {
    await bare.query("drop table if exists dbp_loads");
    await bare.end();
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeFile(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const writer = file.writable.getWriter();
  const encoder = new TextEncoder();
  await writer.write(encoder.encode(`${columns.join(",")}\n`));
  for (let from = 0; from < ROWS; from += PART) {
    const rows = rowsOf(Wide, Math.min(PART, ROWS - from), from);
    const text = rows.map((row, index) =>
      columns.map((name) =>
        name === "candid"
          ? String(FIRST + BigInt(from + index))
          : String(Reflect.get(row, name))
      ).join(",") + "\n"
    ).join("");
    await writer.write(encoder.encode(text));
  }
}

/** Returns the number of rows and a hash of them. */
async function digest(bare: pg.Client): Promise<unknown> {
  const { rows } = await bare.query(
    "select cast(count(*) as text), cast(sum(hashtextextended(cast(wide as text), 0)) as text) from wide",
  );
  return rows;
}
