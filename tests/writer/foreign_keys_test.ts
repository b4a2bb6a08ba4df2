// Foreign keys and other constraints of SQL: tables are written in their order, and rows that break them are set aside.
import {
  type AnyModel,
  createWriter,
  defineModel,
  ForeignKeyError,
  type RejectedRow,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { ownParentsFirst } from "../../src/writer/own_parents_first.ts";
import { parentsFirst } from "../../src/writer/parents_first.ts";
import { newestPostgres } from "../support/engines.ts";

const Field = defineModel("sky_field", {
  fields: z.object({ id: z.int32() }),
  primaryKey: ["id"],
});
const Exposure = defineModel("exposure", {
  fields: z.object({
    id: z.int32(),
    field: z.int32(),
    seeing: z.float64().nullable(),
  }),
  primaryKey: ["id"],
  foreignKeys: [{
    fields: ["field"],
    references: { table: "sky_field", fields: ["id"] },
  }],
  checks: [{ name: "seeing_above_zero", sql: "seeing > 0" }],
});
const Source = defineModel("source", {
  fields: z.object({ id: z.int32(), exposure: z.int32() }),
  primaryKey: ["id"],
  foreignKeys: [{
    fields: ["exposure"],
    references: { table: "exposure", fields: ["id"] },
  }],
});
const MODELS: readonly AnyModel[] = [Source, Exposure, Field];

/** A model that refers to tables. */
function child(name: string, ...tables: string[]): AnyModel {
  return defineModel(name, {
    fields: z.object({ id: z.int32(), ref: z.int32() }),
    primaryKey: ["id"],
    foreignKeys: tables.map((table) => ({
      fields: ["ref"],
      references: { table, fields: ["id"] },
      name: `${name}_${table}`,
    })),
  });
}

function order(...models: AnyModel[]): string {
  return parentsFirst(models).map(({ name }) => name).join(" ");
}

Deno.test("tables are written parents first, and in the order of the calls otherwise", () => {
  assert.equal(order(Source, Exposure, Field), "sky_field exposure source");
  const [x, y, z] = [child("x"), child("y"), child("z", "x")];
  assert.equal(order(y, z, x), "y x z");
  assert.equal(order(z, y), "z y");
  assert.equal(order(child("self", "self"), y), "self y");
});

Deno.test("a cycle of foreign keys begins with the table of the first call", () => {
  const [a, b] = [child("a", "b", "root"), child("b", "a")];
  const [leaf, root] = [child("leaf", "b"), child("root")];
  assert.equal(order(leaf, b, a, root), "root b leaf a");
  assert.equal(order(leaf, a, b, root), "root a b leaf");
  assert.equal(
    order(child("p", "q"), child("q", "r"), child("r", "p")),
    "p r q",
  );
});

/** A tree: each node refers to its parent. */
const Node = defineModel("node", {
  fields: z.object({ id: z.int32(), parent: z.int32().nullable() }),
  primaryKey: ["id"],
  foreignKeys: [{
    fields: ["parent"],
    references: { table: "node", fields: ["id"] },
  }],
});
/** Two tables that refer to each other. */
const Host = defineModel("host", {
  fields: z.object({ id: z.int32(), best: z.int32().nullable() }),
  primaryKey: ["id"],
  foreignKeys: [{
    fields: ["best"],
    references: { table: "candidate", fields: ["id"] },
  }],
});
const Candidate = defineModel("candidate", {
  fields: z.object({ id: z.int32(), host: z.int32().nullable() }),
  primaryKey: ["id"],
  foreignKeys: [{
    fields: ["host"],
    references: { table: "host", fields: ["id"] },
  }],
});

Deno.test("while refused rows are searched, rows follow those that they refer to, and otherwise keep their order", () => {
  const order = (...given: readonly (readonly [number, number?])[]) =>
    ownParentsFirst(
      Node,
      given.map(([id, parent = null], position) => ({
        row: { id, parent },
        index: position,
        position,
      })),
    ).map(({ position }) => position);
  assert.deepEqual(order([1], [2, 1], [3, 2], [4]), [0, 1, 2, 3]);
  assert.deepEqual(order([3, 2], [4], [2, 1], [1]), [3, 2, 0, 1]);
  assert.deepEqual(order([1, 2], [2, 1], [3, 1], [5, 5]), [1, 0, 2, 3]);
  assert.deepEqual(order([1, 9], [9], [1], [9, 1]), [1, 0, 2, 3]);
  const chain = Array.from(
    { length: 50_000 },
    (_, id): [number, number] => [id, id + 1],
  );
  assert.equal(order(...chain)[0], 49_999);
});

for (const engine of newestPostgres) {
  Deno.test({
    name:
      `${engine.name}: rows that refer to the same missing rows are set aside together`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using db = await engine.open(MODELS);
      await db.createDb();
      let rejected = 0;
      await using writer = createWriter(db, {
        onRejected: () => void rejected++,
      });
      writer.insert(Field, [{ id: 1 }]);
      writer.insert(
        Exposure,
        Array.from({ length: 400 }, (_, id) => ({
          id,
          field: id % 4 === 0 ? 1 : 7 + id % 2,
        })),
      );
      const report = await writer.flush();
      assert.deepEqual([report.inserted, rejected], [101, 300]);
      await db.dropDb();
    },
  });

  Deno.test({
    name:
      `${engine.name}: rows without a parent, and those that break a check, are set aside`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using db = await engine.open(MODELS);
      await db.createDb();
      const rejected: RejectedRow[] = [];
      await using writer = createWriter(db, {
        onRejected: (row) => void rejected.push(row),
      });
      const ids = Array.from({ length: 60 }, (_, index) => index);
      writer.insert(
        Source,
        ids.map((id) => ({ id, exposure: id % 20 === 19 ? 999 : id % 10 })),
      );
      writer.upsert(
        Exposure,
        ids.slice(0, 12).map((id) => ({
          id,
          field: id === 3 ? 77 : id % 2,
          seeing: id === 7 ? -1 : null,
        })),
      );
      writer.insert(Field, [{ id: 0 }, { id: 1 }]);
      // Exposures 3 and 7 are refused, so their sources are too.
      assert.deepEqual(await writer.flush(), {
        inserted: 2 + 10 + 60 - 3 - 12,
        updated: 0,
        ignored: 0,
        rejected: 2 + 3 + 12,
      });
      assert.equal(await db.query(Source).count(), 45);
      const reasons = rejected.map(({ model, index, problems: [first] }) =>
        `${model} ${index} ${first?.field} ${first?.reason}`
      );
      assert.match(reasons[0] ?? "", /^exposure 3 field .*sky_field/);
      assert.match(reasons[1] ?? "", /^exposure 7 the row .*seeing_above_zero/);
      assert.match(reasons[2] ?? "", /^source 3 exposure /);
      await db.dropDb();
    },
  });

  Deno.test({
    name:
      `${engine.name}: without onRejected, a row without a parent makes the flush fail, and nothing is written`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using db = await engine.open(MODELS);
      await db.createDb();
      await using writer = createWriter(db);
      writer.insert(Exposure, [{ id: 1, field: 0 }, { id: 2, field: 5 }]);
      writer.insert(Field, [{ id: 0 }]);
      await assert.rejects(
        writer.flush(),
        (error) =>
          error instanceof ForeignKeyError && error.outcome === "not applied",
      );
      assert.equal(await db.query(Field).count(), 0);
      await db.dropDb();
    },
  });

  Deno.test({
    name:
      `${engine.name}: rows of a table that refers to itself are set aside only if their parents are missing`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using db = await engine.open([Node]);
      await db.createDb();
      const rejected: number[] = [];
      await using writer = createWriter(db, {
        onRejected: ({ index }) => void rejected.push(index),
      });
      writer.insert(Node, [{ id: 2, parent: 1 }, { id: 1 }, {
        id: 3,
        parent: 2,
      }]);
      assert.equal((await writer.flush()).inserted, 3);
      assert.equal(rejected.length, 0);
      writer.insert(Node, [
        { id: 14, parent: 17 },
        { id: 12, parent: 99 }, // nothing has the id 99
        { id: 15, parent: 12 },
        { id: 16, parent: 3 },
        { id: 17 },
        { id: 18, parent: 14 },
      ]);
      assert.deepEqual(await writer.flush(), {
        inserted: 4,
        updated: 0,
        ignored: 0,
        rejected: 2,
      });
      assert.deepEqual(rejected.splice(0), [1, 2]);
      // Node 1 exists, and would become a child of its new child, which no other row waits for.
      writer.upsert(Node, [
        { id: 22, parent: 98 },
        { id: 20, parent: 1 },
        { id: 1, parent: 20 },
        { id: 21, parent: 20 },
      ]);
      await writer.flush();
      assert.deepEqual(rejected.splice(0), [0, 2]);
      const ids = (await db.query(Node).findAll({ orderBy: { id: "asc" } }))
        .map(({ id }) => id);
      assert.deepEqual(ids, [1, 2, 3, 14, 16, 17, 18, 20, 21]);
      await db.dropDb();
    },
  });

  Deno.test({
    name:
      `${engine.name}: two tables that refer to each other are written in the order of the calls`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using db = await engine.open([Host, Candidate]);
      await db.createDb();
      const rejected: string[] = [];
      await using writer = createWriter(db, {
        onRejected: ({ model, problems: [first] }) =>
          void rejected.push(`${model} ${first?.field}`),
      });
      writer.upsert(Host, [{ id: 1 }]);
      writer.upsert(Candidate, [{ id: 1, host: 1 }, { id: 2, host: 1 }]);
      assert.equal((await writer.flush()).inserted, 3);
      writer.upsert(Host, [{ id: 1, best: 2 }]);
      assert.equal((await writer.flush()).updated, 1);
      assert.deepEqual(rejected, []);
      writer.insert(Candidate, [{ id: 3, host: 3 }]);
      writer.insert(Host, [{ id: 3, best: 1 }]);
      const outcome = { inserted: 1, updated: 0, ignored: 0, rejected: 1 };
      assert.deepEqual(await writer.flush(), outcome);
      assert.deepEqual(rejected, ["candidate host"]);
      assert.equal(await db.query(Host).count(), 2);
      assert.equal(await db.query(Candidate).count(), 2);
      await db.dropDb();
    },
  });
}
