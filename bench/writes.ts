import { SQLConnection } from "@alerce/db-plugins";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { type Line, race } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, FIRST, Narrow, rowsOf } from "./tables.ts";

const ROWS = 100_000;
const KEYS = 2_000;

const columns = Narrow.fields.map(({ name }) => name);
const others = columns.filter((name) => name !== "candid");

/** Compares bulk writes and `getOrCreate` with the bare driver. */
export async function writes(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: BENCH_MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  const pipelined = await bareClient(settings, { pipeline: true });
  const folder = await Deno.makeTempDir();
  const rows = rowsOf(Narrow, ROWS);
  const text = copyText(rows);
  const file = join(folder, "rows.tsv");
  await Deno.writeTextFile(file, text);
  const psql = await hasPsql();
  const query = db.query(Narrow);
  const total = async (): Promise<unknown> =>
    (await bare.query(
      "select count(*), sum(d0), sum(i0), max(oid) from narrow",
    )).rows[0];
  const empty = async (): Promise<void> =>
    void await bare.query("truncate narrow");
  const halfFull = async (): Promise<void> => {
    await empty();
    await query.bulkInsert(
      rowsOf(Narrow, ROWS, 1).filter((_, index) => index % 2 === 0),
    );
    await bare.query("analyze narrow");
  };
  const rowAt = (index: number): Record<string, unknown> => ({
    ...rows[index % ROWS],
    candid: FIRST + BigInt(index),
  });
  try {
    return [
      await race({
        work: "`bulkInsert`, 100,000 new rows of 20 columns",
        against: psql
          ? "`psql \\copy`, text"
          : "text COPY of a prepared buffer (psql is missing)",
        count: ROWS,
        unit: "rows",
        least: 1,
        before: empty,
        ours: async () => {
          await query.bulkInsert(rows);
          return await total();
        },
        bare: async () => {
          await (psql
            ? copyWithPsql(settings, file)
            : copyBuffer(bare, "narrow", text));
          return await total();
        },
      }),
      await race({
        work: "`bulkUpsert`, 100,000 rows, half of them existing",
        against: "COPY to a temp table + INSERT … ON CONFLICT DO UPDATE",
        count: ROWS,
        unit: "rows",
        least: 0.8,
        before: halfFull,
        ours: async () => {
          await query.bulkUpsert(rows);
          return await total();
        },
        bare: async () => {
          await bare.query("begin");
          await bare.query(
            "create temporary table stage (like narrow) on commit drop",
          );
          await copyBuffer(bare, "stage", text);
          await bare.query(
            `insert into narrow select * from stage on conflict (candid) do update set ${
              others.map((name) => `${name} = excluded.${name}`).join(", ")
            }`,
          );
          await bare.query("commit");
          return await total();
        },
      }),
      await race({
        work: "`getOrCreate`, existing row",
        against: "one statement, prepared, `pipeline: true`",
        count: KEYS,
        unit: "calls",
        least: 0.95,
        ours: () =>
          each(
            KEYS,
            async (index) =>
              (await query.getOrCreate({
                filterBy: { candid: FIRST + BigInt(index) },
                ...rowAt(index),
              }))[1],
          ),
        bare: () =>
          each(
            KEYS,
            (index) => bareGetOrCreate(pipelined, rowAt(index)),
          ),
      }),
      await race({
        work: "`getOrCreate`, missing row",
        against: "one statement, prepared, `pipeline: true`",
        count: KEYS,
        unit: "calls",
        least: 0.95,
        before: empty,
        ours: () =>
          each(
            KEYS,
            async (index) =>
              (await query.getOrCreate({
                filterBy: { candid: FIRST + BigInt(index) },
                ...rowAt(index),
              }))[1],
          ),
        bare: () =>
          each(
            KEYS,
            (index) => bareGetOrCreate(pipelined, rowAt(index)),
          ),
      }),
    ];
  } finally {
    await bare.end();
    await pipelined.end();
    await db.dropDb();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the statement again if another transaction inserted the row in the meantime. */
async function bareGetOrCreate(
  client: pg.Client,
  row: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  for (;;) {
    const { rows: [found] } = await client.query({
      name: "get_or_create",
      text: GET_OR_CREATE,
      values: columns.map((name) => row[name]),
    });
    if (found !== undefined) return found.created;
  }
}

const GET_OR_CREATE = `
with existing as (
  select ${columns.join(", ")} from narrow where candid = $1
), created as (
  insert into narrow (${columns.join(", ")})
  select ${
  columns.map((name, index) => `cast($${index + 1} as ${sqlType(name)})`).join(
    ", ",
  )
}
  where not exists (select from existing)
  on conflict do nothing
  returning ${columns.join(", ")}
)
select *, false as created from existing union all select *, true from created`;

function sqlType(name: string): string {
  const kind = Narrow.byName.get(name)?.type.kind;
  return kind === "int64"
    ? "bigint"
    : kind === "int32"
    ? "integer"
    : kind === "float64"
    ? "double precision"
    : kind === "boolean"
    ? "boolean"
    : "varchar";
}

async function each(
  count: number,
  call: (index: number) => Promise<boolean>,
): Promise<number> {
  let created = 0;
  for (let index = 0; index < count; index++) if (await call(index)) created++;
  return created;
}

function copyText(rows: readonly Readonly<Record<string, unknown>>[]): string {
  return rows.map((row) =>
    columns.map((name) => String(row[name])).join("\t") + "\n"
  ).join("");
}

async function copyBuffer(
  client: pg.Client,
  table: string,
  text: string,
): Promise<void> {
  await pipeline(
    Readable.from([text]),
    client.query(copyFrom(`copy ${table} from stdin`)),
  );
}

async function hasPsql(): Promise<boolean> {
  try {
    return (await new Deno.Command("psql", {
      args: ["--version"],
      stdout: "null",
    }).output()).success;
  } catch {
    return false;
  }
}

async function copyWithPsql(
  { HOST, PORT, USER, PASSWORD, DB_NAME }: ServerSettings,
  file: string,
): Promise<void> {
  const { success, stderr } = await new Deno.Command("psql", {
    args: [
      "-q",
      "-h",
      HOST,
      "-p",
      String(PORT),
      "-U",
      USER,
      "-d",
      DB_NAME,
      "-c",
      `\\copy narrow from '${file}'`,
    ],
    env: { PGPASSWORD: PASSWORD },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
