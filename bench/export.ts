import { type Connection, SQLConnection } from "@alerce/db-plugins";
import { join } from "node:path";
import { copyToWithPsql, hasPsql } from "./copy.ts";
import { memoryLine, rowsOfDbp, writeSettings } from "./dbp.ts";
import { type Line, race } from "./harness.ts";
import type { ServerSettings } from "./settings.ts";
import { BENCH_MODELS, FIRST, rowsOf, Wide } from "./tables.ts";

/** Rows of the table. */
const ROWS = Number(Deno.env.get("DBP_BENCH_EXPORT_ROWS") ?? 1_000_000);
/** Rows that are inserted at once. */
const PART = 50_000;

const columns = Wide.fields.map(({ name }) => name);

/** Compares `dbp export` of a table with `\\copy` of the same table to a CSV file, each with the start of its process. */
export async function exporting(settings: ServerSettings): Promise<Line[]> {
  if (!await hasPsql()) return [];
  const folder = await Deno.makeTempDir({ prefix: "dbp-bench-" });
  await using db = new SQLConnection({ models: BENCH_MODELS });
  await db.connect(settings);
  await db.createDb();
  try {
    await fill(db);
    await writeSettings(folder, settings);
    const lines: Line[] = [];
    for (const [format, least] of [["csv", 0.7], ["parquet", 0.4]] as const) {
      const file = join(folder, `wide.${format}`);
      lines.push(
        await race({
          work: `\`dbp export\`, ${format}`,
          against: "`psql \\copy` to CSV",
          count: ROWS,
          unit: "rows",
          least,
          rounds: 3,
          ours: () => rowsOfDbp(folder, `export wide ${file}`),
          bare: () =>
            copyToWithPsql(
              settings,
              `wide (${columns.join(", ")})`,
              join(folder, "bare.csv"),
              "csv header",
            ),
        }),
      );
    }
    return [
      ...lines,
      await memoryLine(
        "`dbp export`, parquet, memory",
        folder,
        `export wide ${join(folder, "wide.parquet")}`,
      ),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Fills the table anew. */
async function fill(db: Connection): Promise<void> {
  await db.query(Wide).deleteAll({ filterBy: {}, all: true });
  for (let from = 0; from < ROWS; from += PART) {
    const rows = rowsOf(Wide, Math.min(PART, ROWS - from), from);
    await db.query(Wide).bulkInsert(
      rows.map((row, index) => ({
        ...row,
        candid: FIRST + BigInt(from + index),
      })),
    );
  }
}
