// Engines whose server fills nothing require the fields that PostgreSQL fills, and have no generated columns.
import {
  type Connection,
  defineModel,
  generatedAs,
  identity,
  serverDefault,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { memoryEngine } from "../memory/engine.ts";
import { mongoEngine } from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";

const Job = defineModel("job", {
  fields: z.object({
    id: identity(z.int32(), { always: true }),
    name: z.string(),
    state: serverDefault(z.string().nullable(), "'new'"),
    tries: serverDefault(z.int32(), "0").default(1),
  }),
  primaryKey: ["id"],
  unique: [["name"]],
});

const Flux = defineModel("flux", {
  fields: z.object({
    id: z.int32(),
    twice: generatedAs(z.int32(), "id * 2"),
  }),
  primaryKey: ["id"],
});

const ENGINES = [
  { engine: memoryEngine, database: "the memory engine" },
  ...withoutMongo ? [] : [{ engine: mongoEngine, database: "MongoDB" }],
];

for (const { engine, database } of ENGINES) {
  const test = (name: string, fn: () => Promise<void>): void =>
    Deno.test({
      name: `${engine.name}: ${name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      fn,
    });

  test("a field that only PostgreSQL fills is required, and the error says so", async () => {
    const db = await engine.open([Job]);
    await db.createDb();
    const query = db.query(Job);
    const id =
      `id is required, because ${database} has no sequences; give a value, or add .default() to the field`;
    const state =
      `state is required, because ${database} ignores sqlDefault; give a value, or add .default() to the field`;
    const incomplete: readonly (readonly [
      () => Promise<unknown>,
      readonly string[],
    ])[] = [
      [() => query.insert({ name: "a" }), [id, state]],
      [() => query.bulkInsert([{ name: "a" }]), [id, state]],
      [() => query.bulkInsert([{ id: 1, name: "a" }]), [state]],
      [() => query.getOrCreate({ filterBy: { name: "a" } }), [id, state]],
      [() => query.getOrCreate({ filterBy: { id: 1 }, name: "a" }), [state]],
      [
        () => query.bulkUpsert([{ name: "a" }], { conflict: ["name"] }),
        [id, state],
      ],
    ];
    for (const [call, problems] of incomplete) {
      const isBulk = /bulk/.test(String(call));
      await assert.rejects(call, {
        name: "ValidationError",
        message: `Cannot write job${isBulk ? " row 0" : ""}: ${
          problems.join("; ")
        }. No row was written`,
      });
    }
    assert.equal(await query.count(), 0);
    await db.dropDb();
    await db.close();
  });

  test("given values of such fields are written, and found rows need none", async () => {
    const db = await engine.open([Job]);
    await db.createDb();
    const query = db.query(Job);
    const row = await query.insert({ id: 1, name: "a", state: null });
    assert.deepEqual({ ...row }, { id: 1, name: "a", state: null, tries: 1 });
    assert.deepEqual(
      await query.bulkInsert([
        { id: 2, name: "b", state: "x" },
        { id: 3, name: "a", state: "x" },
      ]),
      { inserted: 1, ignored: 1 },
    );
    const [found, created] = await query.getOrCreate({
      filterBy: { name: "b" },
    });
    assert.deepEqual([found.id, created], [2, false]);
    // An upsert by another key never changes an identity GENERATED ALWAYS.
    assert.deepEqual(
      await query.bulkUpsert([
        { id: 9, name: "a", tries: 5 },
        { name: "b", tries: 6 },
      ], { conflict: ["name"] }),
      { inserted: 0, updated: 2, unchanged: 0 },
    );
    const rows = await query.findAll({ orderBy: { id: "asc" } });
    assert.deepEqual(rows.map(({ id, tries }) => [id, tries]), [[1, 5], [
      2,
      6,
    ]]);
    await db.dropDb();
    await db.close();
  });

  test("a model with a generated column is refused", async () => {
    const refusal = {
      name: "ModelError",
      message:
        `Cannot use flux on ${database}: twice is a generated column, and ${database} computes none. Define a model without it for ${database}, or declare a plain field that your code computes on every write`,
    };
    let db: Connection | undefined;
    await assert.rejects(async () => {
      db = await engine.open([Job, Flux]);
      await db.createDb();
    }, refusal);
    if (db === undefined) return;
    const query = db.query(Flux);
    await assert.rejects(query.insert({ id: 1 }), refusal);
    await assert.rejects(query.findAll(), refusal);
    await assert.rejects(Array.fromAsync(query.stream()), refusal);
    await db.close();
  });
}
