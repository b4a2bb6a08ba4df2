import { type AnyModel, SQLConnection } from "@alerce/db-plugins";
import type pg from "pg";
import { type Line, race } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, Narrow, rowsOf } from "./tables.ts";

type Row = Readonly<Record<string, unknown>>;

/** The numbers of rows of a call, and how many calls a round makes. */
const SIZES: readonly (readonly [rows: number, calls: number])[] = [
  [1, 500],
  [10, 200],
  [100, 40],
  [1_000, 8],
];
const CHANGED = 1_000;

const columns = Narrow.fields.map(({ name }) => name);
const others = columns.filter((name) => name !== "candid");

/** Compares bulk writes of few rows, and commits, with one prepared statement of the bare driver. */
export async function smallWrites(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: BENCH_MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings, { pipeline: true });
  // Neither side gets a server process that has read the catalog of the new table.
  const other = await bareClient(settings);
  const query = db.query(Narrow);
  const empty = async (): Promise<void> =>
    void await other.query("truncate narrow");
  const total = async (): Promise<unknown> =>
    (await bare.query(
      "select count(*), sum(d0), sum(i0), max(oid) from narrow",
    )).rows[0];
  const lines: Line[] = [];
  try {
    for (const [size, calls] of SIZES) {
      const count = size * calls;
      const first = batches(rowsOf(Narrow, count), size);
      const second = batches(rowsOf(Narrow, count, 1), size);
      const common = { count, unit: "rows", after: total };
      lines.push(
        await race({
          ...common,
          work: `\`bulkInsert\`, ${text(size)} a call`,
          against: "one INSERT from unnest, ON CONFLICT DO NOTHING, prepared",
          least: 0.9,
          before: empty,
          ours: () => inTurn(first, (rows) => query.bulkInsert(rows)),
          bare: () => inTurn(first, (rows) => bareWrite(bare, INSERT, rows)),
        }),
        await race({
          ...common,
          work: `\`bulkUpsert\`, ${text(size)} a call, new`,
          against: "one INSERT from unnest, ON CONFLICT DO UPDATE, prepared",
          least: 0.9,
          before: empty,
          ours: () => inTurn(first, (rows) => query.bulkUpsert(rows)),
          bare: () => inTurn(first, (rows) => bareWrite(bare, UPSERT, rows)),
        }),
        await race({
          ...common,
          work: `\`bulkUpsert\`, ${text(size)} a call, existing and changed`,
          against: "one INSERT from unnest, ON CONFLICT DO UPDATE, prepared",
          least: 0.9,
          before: async () => {
            await empty();
            await query.bulkInsert(first.flat());
            await other.query("vacuum analyze narrow");
          },
          ours: () => inTurn(second, (rows) => query.bulkUpsert(rows)),
          bare: () => inTurn(second, (rows) => bareWrite(bare, UPSERT, rows)),
        }),
      );
    }
    lines.push(await commits(db, bare, other, empty, total));
    return lines;
  } finally {
    await bare.end();
    await other.end();
    await db.dropDb();
  }
}

function commits(
  db: SQLConnection<readonly AnyModel[]>,
  bare: pg.Client,
  other: pg.Client,
  empty: () => Promise<void>,
  total: () => Promise<unknown>,
): Promise<Line> {
  const query = db.query(Narrow);
  const changes = rowsOf(Narrow, CHANGED, 1);
  let read: object[] = [];
  return race({
    work: `\`commit\` of ${text(CHANGED)}, 3 fields of each changed`,
    against: "one UPDATE from unnest, prepared",
    count: CHANGED,
    unit: "rows",
    least: 0.95,
    before: async () => {
      await empty();
      await query.bulkInsert(rowsOf(Narrow, CHANGED));
      await other.query("vacuum analyze narrow");
      read = await query.findAll({ orderBy: { candid: "asc" } });
      for (const [index, row] of read.entries()) {
        query.update(row, changed(changes[index] ?? {}));
      }
    },
    after: async () => {
      db.session.rollback();
      return await total();
    },
    ours: async () => (await db.session.commit()).updated,
    bare: async () =>
      (await bare.query({
        name: "small_update",
        text: UPDATE,
        values: [
          read.map((row) => Reflect.get(row, "candid")),
          ...CHANGED_FIELDS.map((name) =>
            changes.map((row) => Reflect.get(row, name))
          ),
        ],
      })).rowCount,
  });
}

const CHANGED_FIELDS = ["d0", "i0", "oid"];

function changed(row: object): object {
  return Object.fromEntries(
    CHANGED_FIELDS.map((name) => [name, Reflect.get(row, name)]),
  );
}

const SELECT = `insert into narrow (${columns.join(", ")}) select ${
  columns.join(", ")
} from unnest(${
  columns.map((name, index) => `$${index + 1}::${arrayType(name)}`).join(", ")
}) as given(${columns.join(", ")}) order by candid on conflict (candid)`;
const INSERT = { name: "small_insert", text: `${SELECT} do nothing` };
const UPSERT = {
  name: "small_upsert",
  text: `${SELECT} do update set ${
    others.map((name) => `${name} = excluded.${name}`).join(", ")
  }`,
};
const UPDATE = `update narrow set ${
  CHANGED_FIELDS.map((name) => `${name} = given.${name}`).join(", ")
} from unnest($1::bigint[], ${
  CHANGED_FIELDS.map((name, index) => `$${index + 2}::${arrayType(name)}`)
    .join(", ")
}) as given(candid, ${
  CHANGED_FIELDS.join(", ")
}) where narrow.candid = given.candid`;

function arrayType(name: string): string {
  const kind = Narrow.byName.get(name)?.type.kind;
  return kind === "int64"
    ? "bigint[]"
    : kind === "int32"
    ? "integer[]"
    : kind === "float64"
    ? "double precision[]"
    : kind === "boolean"
    ? "boolean[]"
    : "varchar[]";
}

async function bareWrite(
  client: pg.Client,
  statement: { readonly name: string; readonly text: string },
  rows: readonly Row[],
): Promise<void> {
  await client.query({
    ...statement,
    values: columns.map((name) => rows.map((row) => row[name])),
  });
}

async function inTurn(
  calls: readonly (readonly Row[])[],
  write: (rows: readonly Row[]) => Promise<unknown>,
): Promise<void> {
  for (const rows of calls) await write(rows);
}

function batches(rows: readonly Row[], size: number): Row[][] {
  return Array.from(
    { length: Math.ceil(rows.length / size) },
    (_, index) => rows.slice(index * size, (index + 1) * size),
  );
}

function text(count: number): string {
  return count === 1 ? "1 row" : `${count.toLocaleString("en")} rows`;
}
