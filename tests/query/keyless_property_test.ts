// Upserts of random rows by fields that are not a unique key: on every engine, the result is that of single upserts.
import type { Connection, MergeRule, MergeRules } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import { POOLS, property } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine } from "../support/every_engine.ts";
import { ROUNDS } from "../support/rounds.ts";
import { CONFLICT, Keyless, type MergedRow } from "./merging_rows.ts";

type Rules = MergeRules<MergedRow, (typeof CONFLICT)[number]>;

const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 3 });

/** A row with one of four keys, and some of the other fields. */
const some = fc.record({
  id: fc.bigInt({ min: 1n, max: 2n }),
  name: fc.constantFrom("a", "A"),
  mag: nullable(POOLS.mag),
  visits: nullable(POOLS.visits),
  seen: nullable(POOLS.seen),
  status: POOLS.status,
}, { requiredKeys: ["id", "name", "status"] });

const rule = fc.constantFrom<MergeRule[]>(
  "replace",
  "keep",
  "least",
  "greatest",
  "ifNull",
);
const rules: fc.Arbitrary<Rules> = fc.record({
  mag: rule,
  visits: rule,
  seen: rule,
  status: rule,
  "*": rule,
}, { requiredKeys: [] });

/** Upserts rows, and asserts that the returned ones are stored. */
async function returned(
  db: Connection,
  rows: readonly Partial<MergedRow>[],
  merge: Rules,
) {
  const { rows: written, ...counted } = await db.query(Keyless).bulkUpsert(
    rows,
    { conflict: CONFLICT, merge, returning: ["status", "id", "name", "mag"] },
  );
  for (const { id, name, mag, status } of written) {
    const stored = await db.query(Keyless).findOne({ filterBy: { id, name } });
    assert.deepEqual([mag, status], [stored?.mag, stored?.status]);
  }
  const keys = (given: readonly Partial<MergedRow>[]) => [
    ...new Set(given.map(({ id, name }) => `${id} ${name}`)),
  ];
  const found = keys(written);
  assert.equal(found.length, written.length);
  assert.deepEqual(found, keys(rows).filter((key) => found.includes(key)));
  return counted;
}

async function upserted(
  db: Connection,
  calls: readonly (readonly Partial<MergedRow>[])[],
  merge: Rules,
): Promise<object[]> {
  const query = db.query(Keyless);
  await query.deleteAll({ filterBy: {}, all: true });
  for (const rows of calls) {
    const before = await query.count();
    const counted = rows.length % 2 === 0
      ? await returned(db, rows, merge)
      : await query.bulkUpsert(rows, { conflict: CONFLICT, merge });
    assert.equal(counted.inserted, await query.count() - before);
    assert.equal(
      counted.inserted + counted.updated + counted.unchanged,
      rows.length,
    );
  }
  const stored = await query.findAll({ orderBy: { id: "asc", name: "asc" } });
  return stored.map((row) => ({ ...row }));
}

onEveryEngine(
  "upserts of random rows without a unique key have the result of single upserts, and never repeat a key",
  async (databases) => {
    await property(
      4 * ROUNDS,
      fc.tuple(fc.array(some, { maxLength: 8 }), rules, fc.nat({ max: 8 })),
      async ([rows, merge, cut]) => {
        const alone = await oneAnswer(
          databases,
          (db) => upserted(db, rows.map((row) => [row]), merge),
        );
        for (const calls of [[rows], [rows.slice(0, cut), rows.slice(cut)]]) {
          const whole = await oneAnswer(
            databases,
            (db) => upserted(db, calls, merge),
          );
          assert.deepEqual(whole, alone);
        }
      },
    );
  },
  [Keyless],
);
