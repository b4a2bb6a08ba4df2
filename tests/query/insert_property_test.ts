// Inserts of random rows, duplicates among themselves and of rows that are there, against the plainest model of what should happen.
import {
  type Connection,
  defineModel,
  DuplicateKeyError,
  type InsertOf,
  ValidationError,
} from "@alerce/db-plugins";
import { Star, type StarInsert } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { property } from "../support/arbitraries.ts";
import { sqlEngines } from "../support/engines.ts";
import { oneAnswer, onEveryEngine } from "../support/every_engine.ts";

/** A star whose id, name or both others may have. */
const star: fc.Arbitrary<StarInsert> = fc.record({
  id: fc.bigInt({ min: 1n, max: 5n }),
  name: fc.constantFrom("a", "b", "c", "d", "e"),
  visits: fc.nat({ max: 9 }),
});
const rows = fc.array(star, { maxLength: 9 });

/** A row counts where none before it, in the table or the call, has its id or its name. */
function first(
  there: readonly StarInsert[],
  given: readonly StarInsert[],
): StarInsert[] {
  return given.reduce<StarInsert[]>(
    (kept, row) =>
      [...there, ...kept].some(({ id, name }) =>
          id === row.id || name === row.name
        )
        ? kept
        : [...kept, row],
    [],
  );
}

async function table(db: Connection): Promise<StarInsert[]> {
  const found = await db.query(Star).findAll({
    orderBy: { id: "asc" },
    select: ["id", "name", "visits"],
  });
  return found.map((row) => ({ ...row }));
}

onEveryEngine(
  "of any mix of rows the first of a key counts, and the others are counted as ignored",
  async (databases) => {
    await property(40, fc.tuple(rows, rows), async ([some, others]) => {
      const there = first([], some);
      const inserted = first(there, others);
      const counted = {
        inserted: inserted.length,
        ignored: others.length - inserted.length,
      };
      const after = await oneAnswer(databases, async (db) => {
        const query = db.query(Star);
        await query.deleteAll({ filterBy: {}, all: true });
        await query.bulkInsert(some);
        assert.deepEqual(await table(db), sorted(there));
        assert.deepEqual(await query.bulkInsert(others), counted);
        return await table(db);
      });
      assert.deepEqual(after, sorted([...there, ...inserted]));
    });
  },
);

onEveryEngine(
  "with onConflict error a mix that has a duplicate writes nothing, and one that has none is written",
  async (databases) => {
    await property(20, fc.tuple(rows, rows), async ([some, others]) => {
      const there = first([], some);
      const clashes = first(there, others).length < others.length;
      const after = await oneAnswer(databases, async (db) => {
        const query = db.query(Star);
        await query.deleteAll({ filterBy: {}, all: true });
        await query.bulkInsert(there);
        const writing = query.bulkInsert(others, { onConflict: "error" });
        if (clashes) await assert.rejects(writing, DuplicateKeyError);
        else assert.equal((await writing).inserted, others.length);
        return await table(db);
      });
      assert.deepEqual(after, sorted(clashes ? there : [...there, ...others]));
    });
  },
);

function sorted(stars: readonly StarInsert[]): StarInsert[] {
  return stars.map((star) => ({ ...star })).sort((a, b) =>
    a.id < b.id ? -1 : 1
  );
}

const Label = defineModel("label", {
  fields: z.object({
    id: z.uuid().meta({ sqlDefault: "gen_random_uuid()" }),
    word: z.string(),
    code: z.int32().nullable(),
    weight: z.int32().nullable().meta({ sqlDefault: "7" }),
  }),
  primaryKey: ["id"],
  unique: [["word"], ["code"]],
});

interface Given {
  readonly word: string;
  readonly code?: number | null;
  readonly weight?: number | null;
}

const label: fc.Arbitrary<Given> = fc.record({
  word: fc.constantFrom("a", "b", "c", "d"),
  code: fc.option(fc.nat({ max: 3 })),
  weight: fc.option(fc.nat({ max: 9 })),
}, { requiredKeys: ["word"] });

/** The type asks for a key, which here is the server's to make. */
function keyless(rows: readonly Given[]): InsertOf<typeof Label>[] {
  return rows as readonly object[] as InsertOf<typeof Label>[];
}

for (const engine of sqlEngines) {
  Deno.test({
    name:
      `${engine.name}: so it is where the server makes the key and other defaults, and a key that may be null decides nothing when it is`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const db = await engine.open([Label]);
      await db.createDb();
      const given = fc.array(label, { maxLength: 8 });
      await property(25, fc.tuple(given, given), async ([some, others]) => {
        const query = db.query(Label);
        await query.deleteAll({ filterBy: {}, all: true });
        await query.bulkInsert(keyless(some));
        await query.bulkInsert(keyless(others));
        const kept: Given[] = [];
        for (const { word, code = null, weight = 7 } of [...some, ...others]) {
          const taken = kept.some((row) =>
            row.word === word || (code !== null && row.code === code)
          );
          if (!taken) kept.push({ word, code, weight });
        }
        const found = await query.findAll({
          orderBy: { word: "asc" },
          select: ["word", "code", "weight"],
        });
        assert.deepEqual(
          found.map((row) => ({ ...row })),
          kept.toSorted((a, b) => a.word < b.word ? -1 : 1),
        );
      });
      await assert.rejects(
        db.query(Label).bulkUpsert([{ word: "a", code: 1 }, { word: "b" }], {
          conflict: ["code"],
        }),
        (error) =>
          error instanceof ValidationError &&
          error.rows[0]?.index === 1 && error.rows[0].field === "code",
      );
      await db.dropDb();
      await db.close();
    },
  });
}
