// Keys and orders under a collation that ignores case: the column decides which texts are equal.
import { defineModel, DuplicateKeyError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { testTables } from "../../support/made_tables.ts";

const Star = defineModel("star", {
  fields: z.object({
    oid: z.string(),
    survey: z.string(),
    name: z.string().nullable(),
    mag: z.float64().nullable(),
  }),
  primaryKey: ["oid", "survey"],
  unique: [["name"]],
});
const TABLE = [
  "create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
  `create table star (oid text collate nocase, survey varchar collate nocase,
    name text collate nocase unique, mag float8, primary key (oid, survey))`,
];
/** PGlite has ICU without the rules of languages. */
const SERVERS = ["postgresql", "postgresql 15"];

for (const count of [1, 1_500]) {
  testTables(
    `unique keys that ignore case are one key in every write, with ${count} rows beside them`,
    [Star],
    TABLE,
    async ({ db }) => {
      const stars = db.query(Star);
      const others = Array.from({ length: count }, (_, index) => ({
        oid: `x${index}`,
        survey: "ztf",
        name: `n${index}`,
      }));
      assert.deepEqual(
        await stars.bulkInsert([
          { oid: "a", survey: "ZTF", name: "Vega" },
          { oid: "b", survey: "ZTF", name: "VEGA" },
          { oid: "A", survey: "ztf", name: "Mira" },
          ...others,
        ]),
        { inserted: count + 1, ignored: 2 },
      );
      assert.deepEqual(
        await stars.bulkInsert([
          ...others.map((row) => ({ ...row, oid: row.oid.toUpperCase() })),
          { oid: "c", survey: "ZTF", name: "vegA" },
        ]),
        { inserted: 0, ignored: count + 1 },
      );
      await assert.rejects(
        stars.bulkInsert([{ oid: "d", survey: "ZTF", name: "vega" }], {
          onConflict: "error",
        }),
        DuplicateKeyError,
      );
      assert.deepEqual(
        await stars.bulkUpsert(
          [
            { oid: "a", survey: "ZTF", name: "VEGA", mag: 1 },
            { oid: "a", survey: "ZTF", name: "vega", mag: 2 },
            ...others.map((row) => ({
              ...row,
              name: row.name.toUpperCase(),
              mag: 3,
            })),
          ],
          { conflict: ["name"], update: ["mag"] },
        ),
        { inserted: 0, updated: count + 1, unchanged: 1 },
      );
      const [row, created] = await stars.getOrCreate({
        filterBy: { name: "vEGA" },
        oid: "e",
        survey: "ZTF",
      });
      assert.deepEqual([row.name, row.mag, created], ["Vega", 2, false]);
      assert.deepEqual(
        await stars.bulkUpdate([
          { oid: "A", survey: "Ztf", mag: 4 },
          { oid: "a", survey: "zTF", mag: 5 },
          { oid: "zz", survey: "ztf", mag: 1 },
        ]),
        { updated: 2, missing: 1 },
      );
      const found = await stars.findOne({
        filterBy: { oid: "A", survey: "ztf" },
      });
      assert.equal(found?.mag, 5);
      stars.update({ ...row, oid: "A", survey: "ztf" }, { mag: 6 });
      assert.deepEqual(await db.session.commit(), { updated: 1, deleted: 0 });
      assert.equal(
        (await stars.findOne({ filterBy: { name: "VEGA" } }))?.mag,
        6,
      );
    },
    SERVERS,
  );
}

testTables(
  "pages by texts that ignore case repeat and lose no row",
  [Star],
  TABLE,
  async ({ db }) => {
    const stars = db.query(Star);
    const oids = ["b", "A", "a2", "B2", "Ä", "z", "Z1", "aa"];
    await stars.bulkInsert(oids.map((oid) => ({ oid, survey: "ztf" })));
    for (const direction of ["asc", "desc"] as const) {
      const seen: string[] = [];
      let page = await stars.find({
        orderBy: { survey: direction, oid: direction },
        perPage: 3,
      });
      seen.push(...page.items.map(({ oid }) => oid));
      for (let pages = 1; page.hasNext && pages < 9; pages++) {
        const after = page.items.at(-1);
        assert.ok(after);
        page = await stars.find({
          orderBy: { survey: direction, oid: direction },
          perPage: 3,
          after,
        });
        seen.push(...page.items.map(({ oid }) => oid));
      }
      const all = await stars.findAll({
        orderBy: { survey: direction, oid: direction },
      });
      assert.deepEqual(seen, all.map(({ oid }) => oid));
      assert.deepEqual([...seen].sort(), [...oids].sort());
    }
  },
  SERVERS,
);
