import { join } from "node:path";
import { dbp, memoryOf } from "./dbp.ts";
import { type Line, median } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";

const ROUNDS = 7;
const TABLES = 500;
const COLUMNS = 20;
const FILES = 1_000;

/** Measures migration commands, including the start of the process. */
export async function migrate(settings: ServerSettings): Promise<Line[]> {
  const folder = await Deno.makeTempDir({ prefix: "dbp-bench-" });
  try {
    return [
      ...await alerce(settings, join(folder, "alerce")),
      await manyTables(settings, join(folder, "tables")),
      await manyFiles(settings, join(folder, "files")),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function alerce(
  settings: ServerSettings,
  folder: string,
): Promise<Line[]> {
  await writeSettings(folder, settings, "bench_alerce");
  await dbp(folder, "initdb");
  const made = await times(() => dbp(folder, "make_migrations"));
  const migrated = await times(() => dbp(folder, "migrate"));
  await dropSchema(settings, "bench_alerce");
  return [
    line("`make_migrations`, ALeRCE's 17 tables, nothing to do", made, 1.5),
    line("`migrate`, ALeRCE's 17 tables, nothing pending", migrated, 0.6),
  ];
}

async function manyTables(
  settings: ServerSettings,
  folder: string,
): Promise<Line> {
  await writeSettings(folder, settings, "bench_tables", MODELS);
  const begin = performance.now();
  const { megabytes } = await memoryOf(folder, "make_migrations");
  const seconds = (performance.now() - begin) / 1000;
  return {
    ...line(
      `\`make_migrations\`, ${TABLES} new tables of ${COLUMNS} columns`,
      seconds,
      15,
    ),
    theirs: `${Math.round(megabytes)} MB peak memory (at most 400)`,
  };
}

async function manyFiles(
  settings: ServerSettings,
  folder: string,
): Promise<Line> {
  await writeSettings(folder, settings, "bench_files", "[]");
  const files = join(folder, "migrations", "sql");
  await Deno.mkdir(files, { recursive: true });
  for (let index = 0; index < FILES; index++) {
    const second = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString()
      .replaceAll(/[-:]|\.\d+Z$/g, "");
    const name = join(files, `${second}_number_${index}`);
    await Deno.writeTextFile(
      `${name}.up.sql`,
      `CREATE TABLE t${index} (a integer PRIMARY KEY, b text NOT NULL, c double precision);\n`,
    );
    await Deno.writeTextFile(
      `${name}.down.sql`,
      `-- dbp:destructive drop-table t${index}\nDROP TABLE t${index};\n`,
    );
  }
  await dbp(folder, "migrate");
  const seconds = await times(() => dbp(folder, "status"));
  await dropSchema(settings, "bench_files");
  return line(
    `\`status\`, ${FILES.toLocaleString("en")} applied files`,
    seconds,
    1.5,
  );
}

async function times(work: () => Promise<void>): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    await work();
    seconds.push((performance.now() - begin) / 1000);
  }
  return median(seconds);
}

function line(work: string, seconds: number, most: number): Line {
  return {
    work,
    ours: `${seconds.toFixed(2)} s`,
    against: "including the start of the process",
    theirs: "",
    ratio: (seconds / most).toFixed(2),
    least: `at most ${most} s`,
  };
}

/** Source text of hundreds of models for a settings file. */
const MODELS = `Array.from({ length: ${TABLES} }, (_, table) =>
  defineModel(\`t\${table}\`, {
    fields: z.object(Object.fromEntries(
      Array.from({ length: ${COLUMNS} }, (_, index) => [
        \`c\${index}\`,
        [z.int64(), z.float64(), z.string(), z.boolean()][index % 4].nullable(),
      ]).concat([["id", z.int64()]]),
    )),
    primaryKey: ["id"],
    indexes: [{ fields: ["c1"] }],
  }))`;

async function writeSettings(
  folder: string,
  settings: ServerSettings,
  schema: string,
  models?: string,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const entry = { ENGINE: "postgresql", ...settings, SCHEMA: schema };
  await Deno.writeTextFile(
    join(folder, "settings.ts"),
    `import { defineModel } from "${import.meta.resolve("../mod.ts")}";
import { z } from "${import.meta.resolve("zod")}";
export const DB_CONFIG = { SQL: ${JSON.stringify(entry)} };
${models === undefined ? "" : `export const MODELS = ${models};`}
void defineModel, z;
`,
  );
  const bare = await bareClient(settings);
  await bare.query(`drop schema if exists ${schema} cascade`);
  await bare.query(`create schema ${schema}`);
  await bare.end();
}

async function dropSchema(
  settings: ServerSettings,
  schema: string,
): Promise<void> {
  const bare = await bareClient(settings);
  await bare.query(`drop schema ${schema} cascade`);
  await bare.end();
}
