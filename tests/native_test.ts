// SQL of the caller's own: Kysely by the models, and tagged text. What comes back is decoded, what goes in is a parameter.
import {
  ConnectionError,
  defineModel,
  type QueryEvent,
  SQLConnection,
  type SqlQuery,
  TransactionError,
} from "@alerce/db-plugins";
import { Sighting, Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { z } from "zod";
import { freshPglite, freshSchema, postgresSettings } from "./engines.ts";

const Renamed = defineModel("thing", {
  table: "the.thing as it is",
  fields: z.object({
    id: z.int64().meta({ column: "Ident ity" }),
    mag: z.float32().nullable().meta({ column: 'm"ag', sqlType: "numeric" }),
    day: z.date().nullable().meta({ sqlType: "date" }),
    small: z.int64().nullable().meta({ sqlType: "smallint" }),
    tags: z.array(z.int32()).nullable(),
    notes: z.json().nullable(),
  }),
  primaryKey: ["id"],
});
const MODELS = [Star, Sighting, Renamed] as const;
type Db = SQLConnection<typeof MODELS>;

const THINGS = [
  {
    id: 9_007_199_254_740_993n,
    mag: Math.fround(0.1),
    day: new Date("2018-06-01T00:00:00Z"),
    small: 7n,
    tags: [1, 2],
    notes: { a: [1] },
  },
  { id: 2n, mag: 2.5, day: null, small: null, tags: [], notes: null },
  { id: 3n, mag: null, day: null, small: -1n, tags: null, notes: "x" },
];

let pglite: ReturnType<typeof freshPglite> | undefined;

function native(
  name: string,
  run: (db: Db, sent: QueryEvent[]) => Promise<void>,
): void {
  for (const engine of ["postgresql", "pglite"]) {
    Deno.test({
      name: `${engine}: ${name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const client = engine === "pglite"
          ? await (pglite ??= freshPglite())
          : undefined;
        const settings = engine === "pglite" ? {} : postgresSettings();
        const db = new SQLConnection({ models: MODELS, client });
        const sent: QueryEvent[] = [];
        await db.connect({ ...settings, SCHEMA: freshSchema() }, {
          onQuery: (event) => sent.push(event),
        });
        await db.createDb();
        await db.query(Renamed).bulkInsert(THINGS);
        await db.query(Star).bulkInsert([
          { id: 2n, name: "two", labels: ["a", "b,c"], seen: new Date(5) },
          { id: 3n, name: "three", notes: [1] },
        ]);
        await db.query(Sighting).bulkInsert([
          { star: 2n, night: 1, quality: 0.5 },
          { star: 2n, night: 2, quality: 1 },
        ]);
        await run(db, sent);
        if (name.includes("closed")) return;
        await db.dropDb();
        await db.close();
      },
    });
  }
}

const plain = (rows: readonly object[]): object[] =>
  rows.map((row) => ({ ...row }));

native(
  "a model's select decodes like findAll, whatever the database calls its columns",
  async (db) => {
    const query = db.query(Renamed);
    const all = await query.findAll({ orderBy: { id: "asc" } });
    const rows = await query.kysely.orderBy("id").execute();
    assert.deepEqual(plain(rows), plain(all));
    assert.deepEqual(rows.map(String), all.map(String));
    assert.deepEqual(plain(rows).at(-1), THINGS[0]);
    const [bright] = await query.kysely.where("mag", ">", 1)
      .where("thing.id", "in", [2n, 3n]).orderBy("mag", "desc").limit(1)
      .execute();
    assert.deepEqual({ ...bright }, THINGS[1]);
    assert.equal(
      JSON.parse(JSON.stringify(rows.at(-1))).id,
      String(THINGS[0]?.id),
    );
    const stars = await db.query(Star).kysely.orderBy("star.id").execute();
    assert.deepEqual(
      plain(stars),
      plain(await db.query(Star).findAll({ orderBy: { id: "asc" } })),
    );
  },
);

native(
  "a model's select can be joined, and what is joined is decoded too",
  async (db) => {
    const joined = await db.query(Star).kysely
      .innerJoin("sighting", "sighting.star", "star.id")
      .innerJoin("star as other", "other.id", "star.id")
      .select(["sighting.night", "sighting.star as of"])
      .orderBy("sighting.night").execute();
    assert.deepEqual(
      joined.map((
        { id, name, night, of, labels },
      ) => [id, name, night, of, labels]),
      [
        [2n, "two", 1, 2n, ["a", "b,c"]],
        [2n, "two", 2, 2n, ["a", "b,c"]],
      ],
    );
    assert.equal(String(joined[0]), "<Star(id=2)>");
    const [counted] = await db.query(Renamed).kysely
      .leftJoin("sighting", "sighting.star", "thing.id").clearSelect()
      .select((
        { fn },
      ) => [fn.countAll<bigint>().as("n"), fn.max("thing.id").as("id")])
      .execute();
    assert.deepEqual({ ...counted }, { n: 4n, id: THINGS[0]?.id });
  },
);

native("Kysely reads and writes every type", async (db) => {
  const seen = new Date("2020-01-01T00:00:00.001Z");
  const values = {
    id: 9_007_199_254_740_995n,
    name: "it's \\ \"",
    mag: 0.1,
    flux: 0.5,
    visits: 3,
    variable: true,
    seen,
    labels: ["NULL", "a b", ""],
    kind: "O" as const,
    uid: "0b0c0ffe-0000-4000-8000-000000000001",
    notes: { a: [1, "2", null] },
    status: "x",
  };
  const [made] = await db.kysely.insertInto("star").values(values)
    .returningAll().execute();
  assert.deepEqual({ ...made }, values);
  const [row] = await db.kysely.selectFrom("star").selectAll()
    .where("seen", "=", seen).where("variable", "=", true)
    .where("notes", "@>", { a: ["2"] }).execute();
  assert.deepEqual({ ...row }, values);
  const changed = await db.kysely.updateTable("star").set({ mag: null })
    .where("id", "=", values.id).executeTakeFirst();
  assert.equal(changed.numUpdatedRows, 1n);
});

native(
  "sql takes values as parameters and pieces as text, and decodes rows",
  async (db, sent) => {
    const words = ["'; drop table star; --", '"', "\\", "$1"];
    sent.length = 0;
    for (const word of words) {
      const rows = await db
        .sql`select ${word}::text as word, ${9_007_199_254_740_993n}::bigint as big,
      ${null}::int as nothing, ${[word, "x"]}::text[] as list, ${{
        [word]: 1,
      }}::jsonb as json,
      ${new Date(
        5,
      )}::timestamptz as at, ${true}::boolean as yes, count(*) as n from (values (1)) as one`;
      assert.deepEqual(rows, [{
        word,
        big: 9_007_199_254_740_993n,
        nothing: null,
        list: [word, "x"],
        json: { [word]: 1 },
        at: new Date(5),
        yes: true,
        n: 1n,
      }]);
    }
    assert.equal(new Set(sent.map(({ text }) => text)).size, 1);
    assert.ok(!sent.some(({ text }) => text.includes("drop table")));
    const piece = sql`upper(${"a"})`;
    assert.deepEqual(
      await db.sql`select ${piece} as up, ${sql.lit(3)} as three`,
      [
        { up: "A", three: 3 },
      ],
    );
  },
);

native(
  "Kysely's own transaction commits, and rolls back what fails",
  async (db) => {
    const put = (id: bigint, fails: boolean) =>
      db.kysely.transaction().setIsolationLevel("serializable").execute(
        async (trx) => {
          await trx.insertInto("sighting").values({
            star: id,
            night: 9,
            quality: 1,
          })
            .execute();
          if (fails) throw new Error("no");
        },
      );
    await put(7n, false);
    await assert.rejects(put(8n, true), /^Error: no$/);
    assert.deepEqual(
      (await db.query(Sighting).findAll({ filterBy: { night: 9 } })).map((
        { star },
      ) => star),
      [7n],
    );
  },
);

native(
  "a select of a transaction's own sees it, and is of no use after its end",
  async (db) => {
    let kept: { execute(): Promise<unknown> } | undefined;
    await db.transaction(async (tx) => {
      await tx.query(Star).deleteAll({ filterBy: { id: 2n } });
      kept = tx.query(Star).kysely as { execute(): Promise<unknown[]> };
      assert.deepEqual((await kept.execute() as object[]).map(String), [
        "<Star(id=3)>",
      ]);
    });
    await assert.rejects(async () => await kept?.execute());
    assert.equal(await db.query(Star).count(), 1);
  },
);

native(
  "a transaction has the isolation level that was asked for, and writes only where it may",
  async (db) => {
    const level = sql<string>`current_setting('transaction_isolation')`;
    const levels = [
      "read committed",
      "repeatable read",
      "serializable",
    ] as const;
    for (const isolationLevel of levels) {
      for (const readOnly of [false, true]) {
        await db.transaction(async (tx) => {
          const select = tx.query(Star).kysely as SqlQuery<
            typeof Star
          >["kysely"];
          const [row] = await select.select(level.as("level")).limit(1)
            .execute();
          assert.equal(row?.level, isolationLevel);
          const writing = tx.transaction((inner) =>
            inner.query(Star).updateAll({ filterBy: {}, set: { visits: 1 } })
          );
          if (readOnly) await assert.rejects(writing, /read-only/);
          else assert.equal(await writing, 2);
        }, { isolationLevel, readOnly });
      }
    }
  },
);

native(
  "nothing native of a connection works inside its own transaction",
  async (db) => {
    const { kysely } = db;
    const select = db.query(Star).kysely;
    const inserting = kysely.insertInto("sighting").values({
      star: 1n,
      night: 1,
      quality: 1,
    });
    await db.transaction(async (tx) => {
      for (
        const use of [
          () => db.sql`select 1`,
          () => db.kysely,
          () => db.query(Star).kysely,
          () => select.execute(),
          () => inserting.execute(),
          () => kysely.transaction().execute(() => Promise.resolve()),
        ]
      ) {
        await assert.rejects(
          async () => await use(),
          TransactionError,
          `${use}`,
        );
      }
      assert.equal(await tx.query(Sighting).count(), 2);
    });
    assert.equal(await db.query(Sighting).count(), 2);
  },
);

native("nothing native works once the connection is closed", async (db) => {
  const { kysely } = db;
  const select = db.query(Star).kysely;
  await db.dropDb();
  await db.close();
  for (
    const use of [
      () => db.sql`select 1`,
      () => db.kysely,
      () => select.execute(),
      () => kysely.selectFrom("star").selectAll().execute(),
    ]
  ) await assert.rejects(async () => await use(), ConnectionError, `${use}`);
});
