// Random sequences of writes have the same result on MongoDB and in memory.
import {
  type AnyModel,
  type Connection,
  DbPluginsError,
} from "@alerce/db-plugins";
import { Sighting, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import fc from "fast-check";
import assert from "node:assert/strict";
import { mongoEngine } from "../../support/engines.ts";
import { memoryEngine } from "../../memory/engine.ts";
import { withoutMongo } from "../../support/mongo_server.ts";

const RUNS = 60;

const id = fc.integer({ min: 0, max: 6 });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(value, { freq: 4 });
const text = fc.constantFrom("", "a", "b", "Ω", "🔭", "\uffff");

const night = {
  star: id.map(BigInt),
  night: fc.integer({ min: 0, max: 2 }),
  mag: maybe(fc.constantFrom(-0.5, 0, 1, 2.5)),
  quality: fc.constantFrom(0, 0.25, 0.5, 1),
};
const light = {
  id: id.map(BigInt),
  name: id.map((value) => `star ${value}`),
  mag: maybe(fc.constantFrom(1, 2)),
  labels: maybe(fc.array(text, { maxLength: 2 })),
  notes: maybe(fc.constantFrom<unknown>({ a: 1, b: [2] }, { b: [2], a: 1 }, 3)),
  kind: maybe(fc.constantFrom("O" as const, "G" as const)),
};
/** Rows, a few of them incomplete. */
const sighting = fc.oneof(
  { weight: 9, arbitrary: fc.record(night) },
  {
    weight: 1,
    arbitrary: fc.record(night, { requiredKeys: ["star", "night"] }),
  },
);
const star = fc.oneof(
  { weight: 4, arbitrary: fc.record(light, { requiredKeys: ["id", "name"] }) },
  { weight: 1, arbitrary: fc.record(light, { requiredKeys: ["id"] }) },
);

type Step = (db: Pick<Connection, "query">) => Promise<unknown>;

/** Few rows, or so many that the existing ones are read first. */
const listOf = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.array(item, { maxLength: 8 }) },
    {
      weight: 1,
      arbitrary: fc.array(item, { minLength: 17, maxLength: 24 }),
    },
  );

const step: fc.Arbitrary<Step> = fc.oneof(
  listOf(sighting).map((rows): Step => (db) =>
    db.query(Sighting).bulkInsert(rows as never)
  ),
  fc.tuple(
    listOf(sighting),
    fc.constantFrom([], ["quality"], ["mag", "quality"]),
    fc.constantFrom(undefined, ["mag"], []),
  ).map(([rows, prefer, update]): Step => (db) =>
    db.query(Sighting).bulkUpsert(
      rows,
      { prefer, ...(update === undefined ? {} : { update }) } as never,
    )
  ),
  listOf(star).map((rows): Step => (db) =>
    db.query(Star).bulkInsert(rows as never)
  ),
  fc.array(star, { maxLength: 1 }).map((rows): Step => (db) =>
    db.query(Star).bulkUpsert(rows)
  ),
  star.map(({ id, ...rest }): Step => async (db) => {
    const [row, created] = await db.query(Star).getOrCreate({
      filterBy: { id },
      ...rest,
    });
    return [{ ...row }, created];
  }),
  fc.tuple(id, maybe(fc.constantFrom(1, 2))).map(
    ([visits, mag]): Step => (db) =>
      db.query(Star).updateAll({ filterBy: { mag }, set: { visits } }),
  ),
  id.map((night): Step => (db) =>
    db.query(Sighting).deleteAll({ filterBy: { night, mag: null } })
  ),
  id.map((value): Step => (db) =>
    db.query(Star).bulkUpdate([
      { id: BigInt(value), visits: value },
      { id: BigInt(value + 1), status: "seen" },
    ])
  ),
);

/** The result of a step; failures count, their messages do not. */
async function outcome(
  db: Pick<Connection, "query">,
  step: Step,
): Promise<unknown> {
  try {
    return await step(db);
  } catch (error) {
    assert.ok(error instanceof DbPluginsError, Deno.inspect(error));
    return "refused";
  }
}

async function contents(db: Connection): Promise<object[]> {
  const rows = [
    ...await db.query(Star).findAll({ orderBy: { id: "asc" } }),
    ...await db.query(Sighting).findAll({ orderBy: { mag: "asc" } }),
  ];
  return rows.map((row) => ({ ...row }));
}

Deno.test({
  name: "random writes come to the same on MongoDB as in memory",
  ignore: withoutMongo,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const models: readonly AnyModel[] = SUITE_MODELS;
    await using mongo = await mongoEngine.open(models);
    await using memory = await memoryEngine.open(models);
    await Promise.all([mongo.createDb(), memory.createDb()]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.boolean(),
        async (steps, inside) => {
          for (const db of [mongo, memory]) {
            for (const model of models) {
              await db.query(model).deleteAll({ filterBy: {}, all: true });
            }
          }
          const all = async (db: Connection): Promise<unknown[]> => {
            const outcomes: unknown[] = [];
            const run = async (on: Pick<Connection, "query">) => {
              for (const step of steps) outcomes.push(await outcome(on, step));
            };
            if (inside) {
              await db.transaction(async (tx) => {
                for (const step of steps) {
                  outcomes.push(
                    await outcome(
                      db,
                      () => tx.transaction((inner) => step(inner as never)),
                    ),
                  );
                }
              });
            } else await run(db);
            return outcomes;
          };
          const [mine, theirs] = [await all(mongo), await all(memory)];
          assert.deepEqual(mine, theirs);
          assert.deepEqual(await contents(mongo), await contents(memory));
        },
      ),
      { numRuns: RUNS },
    );
  },
});
