// Native SQL: Kysely with the models, and tagged templates. Results are decoded, values are parameters.
import { SQLConnection } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { test } from "../../support/connected.ts";
import { postgresSettings } from "../../support/engines.ts";
import { native, Renamed, THINGS } from "../../support/natives.ts";

const plain = (rows: readonly object[]): object[] =>
  rows.map((row) => ({ ...row }));

native(
  "a native select of a model decodes rows like findAll, also if columns have other names",
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
  "a value of native SQL arrives exactly, or is refused",
  async (db) => {
    const [row] = await db.sql<{ zero: number; nested: number[][] }>`
      select ${-0}::float8 as zero, ${[[1, 2], [3, 4]]}::int[] as nested`;
    assert.ok(Object.is(row?.zero, -0));
    assert.deepEqual(row?.nested, [[1, 2], [3, 4]]);
    const refused = [
      ...["\ud800", "a\0", new Date(NaN), Promise.resolve(1), new Map(), {
        a: NaN,
      }],
      ...[["\ud800"], new Float64Array(1), Symbol("x")],
    ];
    for (const value of refused) {
      await assert.rejects(db.sql`select ${value}`, {
        name: "QueryError",
        message:
          /^Cannot run SQL: the value of parameter \$1 .* Nothing was sent$/,
      });
    }
  },
);

native(
  "a native select of a model can be joined, and joined columns are decoded",
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
  "sql sends values as parameters, inserts pieces of SQL as text, and decodes rows",
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
  "db.sql called with parentheses throws, and sends nothing",
  async (db) => {
    const before = await db.query(Star).count();
    const name = "two' or name <> '";
    for (
      const text of [
        `delete from star where name = '${name}'`,
        ["delete from star"],
        undefined,
        null,
        { raw: ["delete from star"] },
      ]
    ) {
      await assert.rejects(
        Promise.try(() => Reflect.apply(db.sql, db, [text, 1])),
        {
          name: "QueryError",
          message:
            "Cannot run SQL: db.sql is a template tag. Write db.sql`select … ${value}` without parentheses. Nothing was sent",
        },
      );
    }
    assert.equal(await db.query(Star).count(), before);
  },
);

test("values of several statements whose text depends on the session are refused", async () => {
  await using db = new SQLConnection({ models: [] });
  await db.connect(postgresSettings());
  const rows = await db.sql`select 1 as a; select 2 as a`;
  assert.deepEqual(plain(rows).at(-1), { a: 2 });
  for (const value of ["now()", "0.1::float8", "array[now()]"]) {
    await assert.rejects(db.sql`select 1; select ${sql.raw(value)} as at`, {
      name: "DatabaseError",
      message: /column at .* only be read if its statement is sent alone/,
    });
  }
});
