import { SQLConnection } from "@alerce/db-plugins";
import type pg from "pg";
import { type Line, race } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, FIRST, Narrow, rowsOf } from "./tables.ts";

const KEYS = 2_000;

const columns = Narrow.fields.map(({ name }) => name);

/** Compares `getOrCreate` with the bare driver. */
export async function writes(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: BENCH_MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  const pipelined = await bareClient(settings, { pipeline: true });
  const rows = rowsOf(Narrow, KEYS);
  const query = db.query(Narrow);
  const empty = async (): Promise<void> =>
    void await bare.query("truncate narrow");
  const rowAt = (index: number): Record<string, unknown> => ({
    ...rows[index],
    candid: FIRST + BigInt(index),
  });
  const getOrCreate = {
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
  };
  try {
    return [
      await race({
        ...getOrCreate,
        work: "`getOrCreate`, existing row",
        setUp: async () => void await query.bulkInsert(rows),
      }),
      await race({
        ...getOrCreate,
        work: "`getOrCreate`, missing row",
        before: empty,
      }),
    ];
  } finally {
    await bare.end();
    await pipelined.end();
    await db.dropDb();
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
