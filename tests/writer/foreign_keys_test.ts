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
import { parentsFirst } from "../../src/writer/parents_first.ts";
import { everyPostgres } from "../support/engines.ts";

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

for (const engine of everyPostgres) {
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
}
