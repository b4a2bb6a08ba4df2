// Random expressions on random rows: every engine stores the same values, or refuses the same sums.
import {
  CheckError,
  type Connection,
  greatest,
  ifNull,
  increment,
  least,
} from "@alerce/db-plugins";
import { Star, type StarRow, Tally } from "@alerce/db-plugins/testing";
import fc from "fast-check";
import { filter, POOLS, property } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine } from "../support/every_engine.ts";
import { ROUNDS } from "../support/rounds.ts";

const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 4 });

const visits = fc.oneof(POOLS.visits, fc.integer());
const mag = fc.oneof(POOLS.mag, fc.double({ noNaN: true, max: 1.7e308 }))
  .filter(Number.isFinite);
const flux = fc.oneof(
  POOLS.flux,
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  // Sums of two of these are often in the middle of two floats.
  fc.integer({ min: 2 ** 23, max: 2 ** 24 - 1 }),
  fc.integer({ min: 2 ** 23, max: 2 ** 24 - 1 }).map((n) => n * 2 ** -150),
).map(Math.fround);

/** A change of a field: a value or an expression of its values. */
function change<T>(values: fc.Arbitrary<T>) {
  return fc.oneof(
    orNull(values),
    values.map((value) => greatest(value)),
    values.map((value) => least(value)),
    values.map((value) => ifNull(value)),
  );
}

function number<T extends number | bigint>(values: fc.Arbitrary<T>) {
  return fc.oneof(change(values), values.map((value) => increment(value)));
}

const set = fc.record({
  visits: number(visits),
  mag: number(mag),
  flux: number(flux),
  variable: change(POOLS.variable),
  seen: change(POOLS.seen),
  kind: change(POOLS.kind),
  uid: change(POOLS.uid),
  status: fc.oneof(
    POOLS.status,
    POOLS.name.map((text) => greatest(text)),
    POOLS.name.map((text) => least(text)),
  ),
  labels: fc.oneof(
    orNull(POOLS.labels),
    POOLS.labels.map((labels) => ifNull(labels)),
  ),
  notes: fc.oneof(
    orNull(POOLS.notes),
    POOLS.notes.map((notes) => ifNull(notes)),
  ),
}, { requiredKeys: [] }).filter((set) => Object.keys(set).length > 0);

const row = fc.record({
  visits: orNull(visits),
  mag: orNull(mag),
  flux: orNull(flux),
  variable: orNull(POOLS.variable),
  seen: orNull(POOLS.seen),
  kind: orNull(POOLS.kind),
  uid: orNull(POOLS.uid),
  status: POOLS.status,
});

/** The result of a call, or the fields of the sums that it refuses. */
async function answered(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    // Not every engine reports which of several sums is outside its range.
    return ["refused", error.outcome];
  }
}

const ALL = Star.fields.map(({ name }) => name as keyof StarRow);

function tableOf(db: Connection): Promise<object[]> {
  return db.query(Star).findAll({ orderBy: { id: "asc" } });
}

onEveryEngine(
  "random expressions in updateAll, bulkUpdate, and a session have the same results",
  async (databases) => {
    const given = fc.tuple(
      fc.array(row, { minLength: 1, maxLength: 5 }),
      fc.array(fc.tuple(filter, set), { maxLength: 3 }),
      fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 5n }), set), {
        maxLength: 6,
      }),
      set,
    );
    await property(
      12 * ROUNDS,
      given,
      async ([rows, updates, each, marked]) => {
        const stars = rows.map((row, index) => ({
          ...row,
          id: BigInt(index),
          name: `s${index}`,
        }));
        await oneAnswer(databases, async (db) => {
          const query = db.query(Star);
          await query.deleteAll({ filterBy: {}, all: true });
          await query.bulkInsert(stars);
          const answers: unknown[] = [];
          for (const [filterBy, set] of updates) {
            answers.push(
              await answered(() =>
                query.updateAll({ filterBy, set, returning: ALL })
              ),
              await tableOf(db),
            );
          }
          answers.push(
            await answered(() =>
              query.bulkUpdate(each.map(([id, set]) => ({ id, ...set })), {
                returning: ALL,
              })
            ),
            await tableOf(db),
          );
          for (const row of await query.findAll()) query.update(row, marked);
          answers.push(
            await answered(() => db.session.commit()),
            await tableOf(db),
          );
          db.session.rollback();
          for (const [filterBy] of updates) {
            answers.push(
              await query.deleteAll({ filterBy, all: true, returning: ALL }),
              await tableOf(db),
            );
          }
          return answers;
        });
      },
    );
  },
);

onEveryEngine("random sums of int64 are exact", async (databases) => {
  const total = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n, 2n ** 53n + 1n),
  );
  await property(
    8 * ROUNDS,
    fc.array(fc.tuple(total, total), { minLength: 1, maxLength: 6 }),
    async (pairs) => {
      await oneAnswer(databases, async (db) => {
        const query = db.query(Tally);
        await query.deleteAll({ filterBy: {}, all: true });
        await query.bulkInsert(pairs.map(([total], id) => ({ id, total })));
        const answers: unknown[] = [];
        for (const [id, [, by]] of pairs.entries()) {
          const set = { total: increment(by) };
          answers.push(
            await answered(() => query.updateAll({ filterBy: { id }, set })),
          );
        }
        answers.push(await query.findAll({ orderBy: { id: "asc" } }));
        return answers;
      });
    },
  );
});
