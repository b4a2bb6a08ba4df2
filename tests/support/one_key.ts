import { type AnyModel, defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import type { MadeTables } from "./made_tables.ts";

/** The type of a key. */
export type KeyKind = z.ZodType & { meta(meta: object): z.ZodType };

/** Returns the models of rows that are found by a key, and of their parts. */
export function keyModels(
  kind: KeyKind,
  meta: object,
): readonly [thing: AnyModel, part: AnyModel] {
  return [
    defineModel("thing", {
      fields: z.object({
        k: kind.meta(meta),
        v: z.int32().nullable(),
        w: z.int32().nullable(),
      }) as z.ZodObject<{ k: z.ZodType; v: z.ZodType; w: z.ZodType }>,
      primaryKey: ["k"],
      relations: {
        parts: { kind: "many", model: "part", on: { k: "k" } },
      },
    }),
    defineModel("part", {
      fields: z.object({
        id: z.int32(),
        k: kind.meta(meta),
      }) as z.ZodObject<{ id: z.ZodType; k: z.ZodType }>,
      primaryKey: ["id"],
    }),
  ];
}

/** Returns the statements that create the tables of {@link keyModels}. */
export function keyTables(type: string): readonly string[] {
  return [
    `create table thing (k ${type} primary key, v int, w int)`,
    `create table part (id int primary key, k ${type})`,
  ];
}

/**
 * Checks that every write, relation and filter finds one row by two values that
 * are one value to its column.
 *
 * @param isFiltered whether filters of reads know the type of the column
 */
export async function assertOneKey(
  { db, run }: MadeTables,
  [thing, part]: readonly [AnyModel, AnyModel],
  [one, two]: readonly [unknown, unknown],
  isFiltered = true,
): Promise<void> {
  // deno-lint-ignore no-explicit-any -- the type of the key varies
  const things: any = db.query(thing);
  const value = async () => (await run("select v, w from thing"));
  assert.deepEqual(
    await things.bulkUpsert([{ k: one, v: 1 }, { k: two, v: 2 }]),
    { inserted: 1, updated: 0, unchanged: 1 },
  );
  assert.deepEqual(await value(), [{ v: 2, w: null }]);
  assert.deepEqual(
    await things.bulkUpsert([
      { k: one, v: 3 },
      { k: two, v: 4, w: 4 },
      { k: one, v: 5 },
    ]),
    { inserted: 0, updated: 3, unchanged: 0 },
  );
  assert.deepEqual(await value(), [{ v: 5, w: 4 }]);
  assert.equal(await things.deleteAll({ filterBy: { k: two } }), 1);
  assert.deepEqual(
    await things.bulkInsert([{ k: one, v: 1 }, { k: two, v: 2 }]),
    { inserted: 1, ignored: 1 },
  );
  assert.deepEqual(await value(), [{ v: 1, w: null }]);
  const [, created] = await things.getOrCreate({ filterBy: { k: two } });
  assert.equal(created, false);
  if (isFiltered) {
    for (
      const [filter, count] of [
        [two, 1],
        [{ in: [two] }, 1],
        [{ ne: two }, 0],
        [{ notIn: [two] }, 0],
      ] as const
    ) {
      assert.equal(
        await things.count({ filterBy: { k: filter } }),
        count,
        Deno.inspect(filter),
      );
    }
    assert.equal((await things.findOne({ filterBy: { k: two } }))?.v, 1);
  }
  assert.deepEqual(
    await things.bulkUpdate([
      { k: one, v: 6 },
      { k: two, v: 7, w: 7 },
      { k: two, v: 8 },
      { k: one, v: 9 },
    ]),
    { updated: 4, missing: 0 },
  );
  assert.deepEqual(await value(), [{ v: 9, w: 7 }]);
  const [row] = await things.findAll();
  things.update(row, { v: 10 });
  things.update({ k: two }, { w: 11 });
  assert.equal((await db.session.commit()).updated, 2);
  assert.deepEqual(await value(), [{ v: 10, w: 11 }]);
  await db.query(part).bulkInsert([{ id: 1, k: two }]);
  const [whole] = await things.findAll({ include: ["parts"] });
  assert.equal(whole.parts.length, 1);
  things.delete(row);
  things.delete({ k: two });
  assert.equal((await db.session.commit()).deleted, 2);
  assert.deepEqual(await value(), []);
}
