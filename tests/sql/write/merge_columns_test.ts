// Upserts with rules into columns that order or compare values in their own way: the column decides.
import { bytes, defineModel, type MergeRule } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { ON_SERVERS, testTables } from "../../support/made_tables.ts";

const Thing = defineModel("thing", {
  fields: z.object({
    id: z.int32(),
    amount: z.string().nullable().meta({ sqlType: "numeric" }),
    mood: z.string().nullable(),
    ratio: z.float64().nullable().meta({ nan: "keep" }),
    hash: bytes().nullable(),
    word: z.string().nullable(),
    code: z.string().nullable().meta({ sqlType: "char(4)" }),
    note: z.unknown().nullable(),
    sizes: z.array(z.int32()).nullable(),
  }),
  primaryKey: ["id"],
});
const TABLE = [
  "create type mood as enum ('sad', 'ok', 'happy')",
  "create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
  `create table thing (id int primary key, amount numeric, mood mood, ratio float8, hash bytea,
    word text collate nocase, code char(4), note json, sizes int[])`,
];

/** Values of a field in the order of their rows, and what the rules make of them. */
const CASES: readonly [
  field: string,
  values: readonly unknown[],
  least: unknown,
  greatest: unknown,
][] = [
  ["amount", [null, "10", "9.50", "9.5", "100"], "9.50", "100"],
  ["mood", ["ok", null, "happy", "sad"], "sad", "happy"],
  ["ratio", [1, NaN, null, -Infinity], -Infinity, NaN],
  [
    "hash",
    [new Uint8Array([2]), null, new Uint8Array([1, 9]), new Uint8Array([3])],
    new Uint8Array([1, 9]),
    new Uint8Array([3]),
  ],
  ["word", ["Vega", "VEGA", "deneb", "Deneb", null], "deneb", "Vega"],
  ["code", ["b", "a ", "a", "c"], "a", "c"],
  ["sizes", [[2], null, [1, 5], [2, 0]], [1, 5], [2, 0]],
];

for (const before of [0, 1_200]) {
  testTables(
    `least, greatest and ifNull are those of the column, with ${before} rows beside them`,
    [Thing],
    TABLE,
    async ({ db }) => {
      const things = db.query(Thing);
      const others = Array.from(
        { length: before },
        (_, id) => ({ id: id + 9 }),
      );
      for (const [field, values, least, greatest] of CASES) {
        const first = values.find((value) => value !== null);
        for (
          const [rule, expected] of [
            ["least", least],
            ["greatest", greatest],
            ["ifNull", first],
          ] as readonly [MergeRule, unknown][]
        ) {
          const rows = values.map((value) => ({ id: 1, [field]: value }));
          for (
            const calls of [
              [[...others, ...rows]],
              ...before === 0 ? [rows.map((row) => [row])] : [],
            ]
          ) {
            await things.deleteAll({ filterBy: {}, all: true });
            for (const call of calls) {
              await things.bulkUpsert(call, { merge: { [field]: rule } });
            }
            const thing = await things.findOne({ filterBy: { id: 1 } });
            const stored: unknown = Reflect.get(thing ?? {}, field);
            assert.deepEqual(
              typeof stored === "string" ? stored.trimEnd() : stored,
              expected,
              `${field} ${rule}`,
            );
            const again = await things.bulkUpsert(calls.flat(), {
              merge: { [field]: rule },
            });
            assert.equal(again.updated + again.inserted, 0, `${field} ${rule}`);
          }
        }
      }
      const notes = [null, { a: 1 }, { a: 2 }];
      await things.deleteAll({ filterBy: {}, all: true });
      await things.bulkUpsert(notes.map((note) => ({ id: 1, note })), {
        merge: { note: "ifNull" },
      });
      assert.deepEqual((await things.first())?.note, { a: 1 });
    },
    ON_SERVERS,
  );
}
