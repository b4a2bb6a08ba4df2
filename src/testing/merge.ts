import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Stamp, Star, type StarInsert } from "./models.ts";

type Change = Partial<StarInsert>;

/** Upserts rows of one star, and returns it with the outcome. */
async function put(
  db: Connection,
  rows: readonly Change[],
  merge: object,
) {
  const outcome = await db.query(Star).bulkUpsert(
    rows.map((row) => ({ id: 1n, name: "star", ...row })),
    { merge },
  );
  const star = await db.query(Star).findOne({ filterBy: { id: 1n } });
  assert.ok(star);
  return { star, outcome };
}

const INSERTED = { inserted: 1, updated: 0, unchanged: 0 };
const UPDATED = { inserted: 0, updated: 1, unchanged: 0 };
const UNCHANGED = { inserted: 0, updated: 0, unchanged: 1 };

/** The option `merge` of `bulkUpsert`. */
export const merge: readonly Behaviour[] = [
  behaviour(
    "merge keeps the least or the greatest of the existing value and that of the row",
    async (db) => {
      const rules = { mag: "least", visits: "greatest" };
      const steps = [
        [{ mag: 5, visits: 5 }, INSERTED, 5, 5],
        [{ mag: 7, visits: 3 }, UNCHANGED, 5, 5],
        [{ mag: 3, visits: 4 }, UPDATED, 3, 5],
        [{ mag: 3, visits: 5 }, UNCHANGED, 3, 5],
        [{ mag: 9, visits: 9 }, UPDATED, 3, 9],
      ] as const;
      for (const [row, expected, mag, visits] of steps) {
        const { star, outcome } = await put(db, [row], rules);
        assert.deepEqual(outcome, expected);
        assert.deepEqual([star.mag, star.visits], [mag, visits]);
      }
    },
  ),
  behaviour(
    "for least and greatest, null counts as missing",
    async (db) => {
      const rules = { mag: "least", visits: "greatest" };
      const first = await put(db, [{ mag: null, visits: null }], rules);
      assert.deepEqual([first.star.mag, first.star.visits], [null, null]);
      const second = await put(db, [{ mag: 5, visits: 5 }], rules);
      assert.deepEqual(second.outcome, UPDATED);
      assert.deepEqual([second.star.mag, second.star.visits], [5, 5]);
      const third = await put(db, [{ mag: null, visits: null }], rules);
      assert.deepEqual(third.outcome, UNCHANGED);
      assert.deepEqual([third.star.mag, third.star.visits], [5, 5]);
    },
  ),
  behaviour(
    "keep leaves the existing value, also null, and ifNull replaces null only",
    async (db) => {
      const rules = { mag: "keep", visits: "ifNull" };
      await put(db, [{ mag: null, visits: null }], rules);
      const first = await put(db, [{ mag: 1, visits: 1 }], rules);
      assert.deepEqual(first.outcome, UPDATED);
      assert.deepEqual([first.star.mag, first.star.visits], [null, 1]);
      const second = await put(db, [{ mag: 2, visits: 2 }], rules);
      assert.deepEqual(second.outcome, UNCHANGED);
      assert.deepEqual([second.star.mag, second.star.visits], [null, 1]);
    },
  ),
  behaviour(
    "the rule of * holds for the fields without a rule, and replace is the default",
    async (db) => {
      const row = { mag: 5, visits: 5, kind: "O" } as const;
      await put(db, [row], {});
      const kept = await put(
        db,
        [{ mag: 1, visits: 1, kind: "G" }],
        { mag: "least", visits: "replace", "*": "keep" },
      );
      assert.deepEqual(kept.outcome, UPDATED);
      assert.deepEqual(
        [kept.star.mag, kept.star.visits, kept.star.kind],
        [1, 1, "O"],
      );
      const replaced = await put(
        db,
        [{ mag: 9, visits: null, kind: "G" }],
        { mag: "least" },
      );
      assert.deepEqual(
        [replaced.star.mag, replaced.star.visits, replaced.star.kind],
        [1, null, "G"],
      );
      const ifNull = await put(
        db,
        [{ mag: 9, visits: 7, kind: "M", notes: { a: 1 } }],
        { "*": "ifNull" },
      );
      assert.deepEqual(
        [ifNull.star.mag, ifNull.star.visits, ifNull.star.kind],
        [1, 7, "G"],
      );
      assert.deepEqual(ifNull.star.notes, { a: 1 });
    },
  ),
  behaviour(
    "update names fields that are replaced, beside the rules of others",
    async (db) => {
      const query = db.query(Sighting);
      const row = { star: 1n, night: 1, mag: 5, quality: 0.5 };
      await query.bulkInsert([row]);
      await query.bulkUpsert([{ ...row, mag: 7, quality: 0.25 }], {
        update: ["quality"],
        merge: { mag: "greatest" },
      });
      assert.deepEqual({ ...await query.first() }, {
        ...row,
        mag: 7,
        quality: 0.25,
      });
      await db.query(Star).bulkInsert([{ id: 1n, name: "star", visits: 1 }]);
      await db.query(Star).bulkUpsert(
        [{ id: 1n, name: "other", mag: 1, visits: 2 }],
        { update: ["mag"], merge: { kind: "ifNull" } },
      );
      const star = await db.query(Star).first();
      assert.deepEqual([star?.name, star?.mag, star?.visits], ["star", 1, 1]);
    },
  ),
  behaviour(
    "merge combines the rows of a batch with the same key as one after the other",
    async (db) => {
      const rules = {
        mag: "least",
        visits: "greatest",
        kind: "keep",
        uid: "ifNull",
        labels: "ifNull",
        variable: "least",
        seen: "greatest",
        flux: "replace",
      };
      const uid = "ffffffff-0000-4000-8000-000000000001";
      const rows: Change[] = [
        { mag: 5, visits: 1, kind: "O", uid: null, flux: 1, variable: true },
        { mag: null, visits: 9, kind: "G", uid, flux: 2, variable: null },
        { mag: 3, visits: null, kind: "M", uid: null, flux: 3, variable: true },
        { mag: 8, visits: 4, kind: null, uid, flux: 4, variable: false },
      ].map((row, index): Change => ({
        ...row,
        kind: row.kind as "O" | "G" | "M" | null,
        labels: index === 0 ? null : [`l${index}`, "x"],
        seen: index === 1 ? null : new Date(index * 1_000),
      }));
      const combined = {
        mag: 3,
        visits: 9,
        kind: "O",
        uid,
        labels: ["l1", "x"],
        variable: false,
        seen: new Date(3_000),
        flux: 4,
      };
      const { star, outcome } = await put(db, rows, rules);
      assert.deepEqual(outcome, { inserted: 1, updated: 0, unchanged: 3 });
      assert.deepEqual({ ...star, ...combined }, { ...star });
      const again = await put(db, rows, rules);
      assert.deepEqual(again.outcome, {
        inserted: 0,
        updated: 0,
        unchanged: 4,
      });
      await db.query(Star).deleteAll({ filterBy: { id: 1n } });
      for (const row of rows) await put(db, [row], rules);
      const one = await db.query(Star).findOne({ filterBy: { id: 1n } });
      assert.deepEqual({ ...one }, { ...star });
    },
  ),
  behaviour(
    "least and greatest compare text by code point, booleans, times, UUIDs and arrays",
    async (db) => {
      const pairs: readonly [keyof StarInsert, unknown, unknown][] = [
        ["status", "B", "a"],
        ["status", "z", "é"],
        ["status", "Z", "_"],
        ["variable", false, true],
        ["seen", new Date(0), new Date(1)],
        ["kind", "G", "O"],
        [
          "uid",
          "0b0c0ffe-0000-4000-8000-000000000001",
          "ffffffff-0000-4000-8000-000000000001",
        ],
        ["labels", [], ["a"]],
        ["labels", ["a", "b"], ["b"]],
        ["flux", -0.5, 0.25],
      ];
      for (const [field, lesser, greater] of pairs) {
        for (
          const rows of [[lesser, greater], [greater, lesser]].map((values) =>
            values.map((value): Change => ({ [field]: value }))
          )
        ) {
          for (const calls of [[rows], rows.map((row) => [row])]) {
            for (
              const [rule, expected] of [
                ["least", lesser],
                ["greatest", greater],
              ] as const
            ) {
              await db.query(Star).deleteAll({ filterBy: { id: 1n } });
              for (const call of calls) {
                await put(db, call, { [field]: rule });
              }
              const star = await db.query(Star).first();
              assert.deepEqual(star?.[field], expected, `${field} ${rule}`);
            }
          }
        }
      }
    },
  ),
  behaviour(
    "merge changes no field that a row omits, and updates a row from its key and one field",
    async (db) => {
      await put(db, [{ mag: 5, visits: 5, status: "old" }], {});
      const outcome = await db.query(Star).bulkUpsert(
        [{ id: 1n, mag: 3 }, { id: 1n, visits: 2 }],
        { merge: { mag: "least", visits: "least", status: "least" } },
      );
      assert.deepEqual(outcome.inserted, 0);
      const star = await db.query(Star).first();
      assert.deepEqual([star?.mag, star?.visits, star?.status], [3, 2, "old"]);
    },
  ),
  behaviour("onUpdate applies only if a rule changes a value", async (db) => {
    const query = db.query(Stamp);
    const merge = { value: "greatest" } as const;
    await query.bulkUpsert([{ id: 1, value: 5 }], { merge });
    await query.bulkUpsert([{ id: 1, value: 4 }], { merge });
    assert.equal((await query.first())?.touched, 0);
    await query.bulkUpsert([{ id: 1, value: 6 }], { merge });
    assert.ok(((await query.first())?.touched ?? 0) > 0);
    assert.equal((await query.first())?.value, 6);
  }),
  behaviour(
    "merge combines thousands of rows, sorted or not, by number or by text",
    async (db) => {
      const query = db.query(Star);
      const rows = Array.from({ length: 3_000 }, (_, index) => ({
        id: BigInt(index % 1_500),
        name: `s${index % 1_500}`,
        mag: index,
        visits: index < 1_500 ? 2 : 1,
      }));
      const rules = { mag: "least", visits: "greatest" } as const;
      for (const conflict of [["id"], ["name"]] as const) {
        await query.deleteAll({ filterBy: {}, all: true });
        await query.bulkInsert(rows.slice(0, 700));
        const outcome = await query.bulkUpsert(rows.toReversed(), {
          conflict,
          merge: rules,
        });
        const { inserted, updated, unchanged } = outcome;
        // An engine writes the rows in batches of any size.
        assert.deepEqual([inserted, updated + unchanged], [800, 2_200]);
        const [totals] = await query.aggregate({
          count: true,
          sum: ["mag", "visits"],
        });
        assert.equal(totals?.count, 1_500);
        assert.equal(totals?.sum.mag, 1_500 * 1_499 / 2);
        assert.equal(totals?.sum.visits, 3_000n);
      }
    },
  ),
  behaviour("merge in a transaction that fails leaves no trace", async (db) => {
    await put(db, [{ mag: 5 }], {});
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query(Star).bulkUpsert([{ id: 1n, name: "star", mag: 1 }], {
          merge: { mag: "least" },
        });
        const star = await tx.query(Star).first();
        assert.equal(star?.mag, 1);
        throw new Error("no");
      }),
      /no/,
    );
    assert.equal((await db.query(Star).first())?.mag, 5);
  }),
];
