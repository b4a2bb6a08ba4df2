// Inserts of random rows, with duplicates of each other and of existing rows, compared with a simple model.
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
import { ROUNDS } from "../support/rounds.ts";

/** A star whose id, name or both may be duplicates. */
const star: fc.Arbitrary<StarInsert> = fc.record({
  id: fc.bigInt({ min: 1n, max: 5n }),
  name: fc.constantFrom("a", "b", "c", "d", "e"),
  visits: fc.nat({ max: 9 }),
});
const rows = fc.array(star, { maxLength: 9 });

/** A row is inserted if no earlier row, in the table or the call, has its id or name. */
function first(
  existing: readonly StarInsert[],
  given: readonly StarInsert[],
): StarInsert[] {
  return given.reduce<StarInsert[]>(
    (kept, row) =>
      [...existing, ...kept].some(({ id, name }) =>
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
  "the first row of each key is inserted, and the others count as ignored",
  async (databases) => {
    await property(
      14 * ROUNDS,
      fc.tuple(rows, rows),
      async ([some, others]) => {
        const existing = first([], some);
        const inserted = first(existing, others);
        const counted = {
          inserted: inserted.length,
          ignored: others.length - inserted.length,
        };
        const after = await oneAnswer(databases, async (db) => {
          const query = db.query(Star);
          await query.deleteAll({ filterBy: {}, all: true });
          await query.bulkInsert(some);
          assert.deepEqual(await table(db), sorted(existing));
          const result = await query.bulkInsert(others, {
            returning: ["id", "name", "visits"],
          });
          assert.deepEqual({
            ...result,
            rows: result.rows.map((row) => ({ ...row })),
          }, { ...counted, rows: inserted.map((row) => ({ ...row })) });
          return await table(db);
        });
        assert.deepEqual(after, sorted([...existing, ...inserted]));
      },
    );
  },
);

onEveryEngine(
  "with onConflict error, rows with a duplicate write nothing, and rows without one are all written",
  async (databases) => {
    await property(8 * ROUNDS, fc.tuple(rows, rows), async ([some, others]) => {
      const existing = first([], some);
      const clashes = first(existing, others).length < others.length;
      const after = await oneAnswer(databases, async (db) => {
        const query = db.query(Star);
        await query.deleteAll({ filterBy: {}, all: true });
        await query.bulkInsert(existing);
        const writing = query.bulkInsert(others, { onConflict: "error" });
        if (clashes) await assert.rejects(writing, DuplicateKeyError);
        else assert.equal((await writing).inserted, others.length);
        return await table(db);
      });
      assert.deepEqual(
        after,
        sorted(clashes ? existing : [...existing, ...others]),
      );
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

/** Passes rows without the key, which the server generates; the type requires it. */
function keyless(rows: readonly Given[]): InsertOf<typeof Label>[] {
  return rows as readonly object[] as InsertOf<typeof Label>[];
}

for (const engine of sqlEngines) {
  Deno.test({
    name:
      `${engine.name}: duplicates are ignored with keys and defaults from the server, and null in a unique key is never a duplicate`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const db = await engine.open([Label]);
      await db.createDb();
      const given = fc.array(label, { maxLength: 8 });
      await property(
        9 * ROUNDS,
        fc.tuple(given, given),
        async ([some, others]) => {
          const query = db.query(Label);
          await query.deleteAll({ filterBy: {}, all: true });
          await query.bulkInsert(keyless(some));
          const before = await query.count();
          const { rows } = await query.bulkInsert(keyless(others), {
            returning: ["word", "weight"],
          });
          const kept: Given[] = [];
          for (
            const { word, code = null, weight = 7 } of [...some, ...others]
          ) {
            const isDuplicate = kept.some((row) =>
              row.word === word || (code !== null && row.code === code)
            );
            if (!isDuplicate) kept.push({ word, code, weight });
          }
          const found = await query.findAll({
            orderBy: { word: "asc" },
            select: ["word", "code", "weight"],
          });
          assert.deepEqual(
            rows.map((row) => ({ ...row })),
            kept.slice(before).map(({ word, weight }) => ({ word, weight })),
          );
          assert.deepEqual(
            found.map((row) => ({ ...row })),
            kept.toSorted((a, b) => a.word < b.word ? -1 : 1),
          );
        },
      );
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
