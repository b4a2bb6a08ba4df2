// Rows that leave different columns to the server: one statement inserts many of them, in their order.
import {
  type AnyModel,
  defineModel,
  DuplicateKeyError,
  identity,
  type QueryEvent,
  serverDefault,
  SQLConnection,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import {
  freshPglite,
  freshSchema,
  newestPostgres,
  postgresSettings,
} from "../../support/engines.ts";

const Note = defineModel("note", {
  fields: z.object({
    id: identity(z.int32()),
    name: z.string(),
    state: serverDefault(z.string().nullable(), "'new'"),
  }),
  primaryKey: ["id"],
  unique: [["name"]],
});

/** Values of every type, each in the order of the fields. */
const VALUES = {
  int32: -5,
  int64: 2n ** 60n,
  float32: Math.fround(0.1),
  float64: 1e-300,
  decimal: 0.1,
  flag: true,
  text: 'it\'s \\ "é"\n',
  word: "b" as const,
  uid: "0f7e4c5a-6f0e-4d6b-9a52-7d8f3f1f2a11",
  at: new Date("2026-11-30T12:00:00.123Z"),
  local: new Date("2026-11-30T12:00:00.456Z"),
  raw: Uint8Array.of(0, 255, 92),
  json: { a: [1, null, "x"] },
  list: ["a,b", 'c"', "{}"],
  numbers: [1.5, -0.25],
};

const Every = defineModel("every", {
  fields: z.object({
    id: identity(z.int32()),
    note: serverDefault(z.string().nullable(), "'none'"),
    int32: z.int32().nullable(),
    int64: z.int64().nullable(),
    float32: z.float32().nullable(),
    float64: z.float64().nullable(),
    decimal: z.float64().nullable().meta({ sqlType: "numeric(20, 5)" }),
    flag: z.boolean().nullable(),
    text: z.string().nullable(),
    word: z.enum(["a", "b"]).nullable(),
    uid: z.uuid().nullable(),
    at: z.date().nullable(),
    local: z.date().nullable().meta({
      sqlType: "timestamp(3) without time zone",
    }),
    raw: z.instanceof(Uint8Array).nullable(),
    json: z.json().nullable(),
    list: z.array(z.string()).nullable(),
    numbers: z.array(z.float64()).nullable(),
  }),
  primaryKey: ["id"],
});

for (
  const [engine, client, settings] of [
    ["postgresql", () => Promise.resolve(undefined), postgresSettings()],
    ["pglite", freshPglite, { ENGINE: "pglite" }],
  ] as const
) {
  Deno.test({
    name: `${engine}: rows that omit different fields share a statement`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const sent: QueryEvent[] = [];
      const db = new SQLConnection({ models: [Note], client: await client() });
      await db.connect({ SCHEMA: freshSchema(), ...settings }, {
        onQuery: (event) => sent.push(event),
      });
      await db.createDb();
      const notes = db.query(Note);
      // The first call reads the facts of the table.
      await notes.insert({ name: "n7" });
      const rows = Array.from({ length: 1_500 }, (_, n) => ({
        name: `n${n}`,
        ...(n % 3 === 0 ? { state: `s${n}` } : {}),
        ...(n % 5 === 0 ? { id: 10_000 + n } : {}),
      }));
      sent.length = 0;
      const { inserted, ignored, rows: written } = await notes.bulkInsert(
        rows,
        { returning: ["id", "name", "state"] },
      );
      assert.deepEqual([inserted, ignored], [1_499, 1]);
      assert.ok(sent.length < 20, `${sent.length} statements`);
      assert.deepEqual(
        written.map(({ name }) => name),
        rows.map(({ name }) => name).filter((name) => name !== "n7"),
      );
      let number = 0;
      for (const { id, name, state } of written) {
        const n = Number(name.slice(1));
        assert.equal(state, n % 3 === 0 ? `s${n}` : "new");
        if (n % 5 === 0) assert.equal(id, 10_000 + n);
        else assert.ok(id > number, "the numbers ascend");
        if (n % 5 !== 0) number = id;
      }
      await notes.deleteAll({ filterBy: {}, all: true });
      sent.length = 0;
      assert.deepEqual(await notes.bulkInsert(rows, { onConflict: "error" }), {
        inserted: 1_500,
        ignored: 0,
      });
      assert.ok(sent.length < 20, `${sent.length} statements`);
      await db.dropDb();
      await db.close();
    },
  });
}

/** Registers a test with an empty table on every PostgreSQL. */
function test(
  name: string,
  model: AnyModel,
  work: (db: SQLConnection<readonly AnyModel[]>) => Promise<void>,
): void {
  for (const engine of newestPostgres) {
    Deno.test({
      name: `${engine.name}: ${name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const db = await engine.open([model]);
        assert.ok(db instanceof SQLConnection);
        await db.createDb();
        await work(db);
        await db.dropDb();
        await db.close();
      },
    });
  }
}

test(
  "such rows store the same values as rows with the same fields",
  Every,
  async (db) => {
    const every = db.query(Every);
    const names = Object.keys(VALUES) as (keyof typeof VALUES)[];
    const rows = names.map((left, at) => ({
      ...VALUES,
      [left]: null,
      ...(at % 2 === 0 ? { note: "given" } : {}),
    }));
    await every.bulkInsert(rows);
    const { rows: written } = await every.bulkInsert(rows, {
      returning: ["id", "note", ...names],
    });
    const stored = await every.findAll({ orderBy: { id: "asc" } });
    const plain = stored.map(({ id: _, ...row }) => row);
    assert.deepEqual(plain.slice(0, rows.length), plain.slice(rows.length));
    assert.deepEqual(
      plain.slice(0, rows.length),
      rows.map((row) => ({ note: "none", ...row })),
    );
    assert.deepEqual(
      written.map((row) => ({ ...row })),
      stored.slice(rows.length).map((row) => ({ ...row })),
    );
  },
);

test(
  "an upsert of new rows with different fields keeps their order",
  Every,
  async (db) => {
    const every = db.query(Every);
    const rows = Array.from({ length: 50 }, (_, n) => ({
      ...(n % 2 === 0 ? { int32: n } : { text: `t${n}` }),
      ...(n % 3 === 0 ? { note: "given" } : {}),
    }));
    const { rows: written, ...counts } = await every.bulkUpsert(rows, {
      returning: ["id", "int32", "text", "note"],
    });
    assert.deepEqual(counts, { inserted: 50, updated: 0, unchanged: 0 });
    assert.deepEqual(
      written.map(({ id, int32, text, note }) => [id, int32, text, note]),
      rows.map((row, n) => [
        n + 1,
        "int32" in row ? row.int32 : null,
        "text" in row ? row.text : null,
        row.note ?? "none",
      ]),
    );
    assert.deepEqual(await every.bulkUpsert(rows), {
      inserted: 50,
      updated: 0,
      unchanged: 0,
    });
    assert.equal(await every.count(), 100);
  },
);

test(
  "such a row with the number of an existing row is an error, and nothing is written",
  Note,
  async (db) => {
    const notes = db.query(Note);
    await notes.bulkInsert([{ id: 2, name: "a" }, { id: 4, name: "b" }]);
    const rows = [
      { name: "c" },
      { name: "a", state: "old" },
      { name: "d" },
      { name: "e", state: "old" },
    ];
    for (const onConflict of ["ignore", "error"] as const) {
      await assert.rejects(
        notes.bulkInsert(rows, { onConflict }),
        (error) =>
          error instanceof DuplicateKeyError &&
          (onConflict === "error" ||
            /the next number of the sequence of id belongs to an existing row/
              .test(error.message)),
      );
    }
    assert.deepEqual(
      (await notes.findAll({ orderBy: { id: "asc" } })).map(({ name }) => name),
      ["a", "b"],
    );
  },
);
