// Floats in columns of type numeric: PostgreSQL itself casts a double to numeric with 15 digits.
import {
  defineModel,
  type InsertOf,
  serverDefault,
  SQLConnection,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { everyPostgres } from "../../support/engines.ts";

const Flux = defineModel("flux", {
  fields: z.object({
    id: z.int32(),
    exact: z.float64().nullable().meta({ sqlType: "numeric" }),
    single: z.float32().nullable().meta({ sqlType: "numeric" }),
    list: z.array(z.float64()).nullable().meta({ sqlType: "numeric[]" }),
    note: z.string().nullable(),
  }),
  primaryKey: ["id"],
});
const Band = defineModel("band", {
  fields: z.object({
    name: serverDefault(z.string(), "'r'"),
    flux: z.float64().nullable().meta({ sqlType: "numeric" }),
  }),
  primaryKey: ["name"],
});
const VALUES = [
  ...[0.1 + 0.2, 1 / 3, 123456789.12345679, -0.1234567890123456, 2 ** 53 - 1],
  ...[Number.MAX_VALUE, Number.MIN_VALUE, 1.2345678901234568e29, 1e22],
];
const SINGLE = Math.fround(0.1);
const ROWS: readonly InsertOf<typeof Flux>[] = VALUES.map((value, id) => ({
  id,
  exact: value,
  single: SINGLE,
  list: [value, 1],
}));
const MANY = 3000;

for (const { name, open } of everyPostgres) {
  test(`${name}: floats in columns of type numeric keep all their digits in every write`, async () => {
    const db = await open([Flux, Band]);
    assert.ok(db instanceof SQLConnection);
    await db.createDb();
    const fluxes = db.query(Flux);
    const empty = ROWS.map(({ id }) => ({ id }));
    const writes: Readonly<Record<string, () => Promise<unknown>>> = {
      insert: () => Promise.all(ROWS.map((row) => fluxes.insert(row))),
      bulkInsert: () => fluxes.bulkInsert(ROWS),
      "bulkInsert of many rows": () =>
        fluxes.bulkInsert([
          ...ROWS,
          ...Array.from({ length: MANY }, (_, index) => ({
            id: 1000 + index,
            exact: 2 / 7,
          })),
        ]),
      bulkUpsert: () => fluxes.bulkUpsert(ROWS),
      "bulkUpsert of existing rows": async () => {
        await fluxes.bulkInsert(empty);
        // Rows with other fields are another shape of the same call.
        await fluxes.bulkUpsert([{ id: 0, note: "first" }, ...ROWS]);
        assert.equal((await fluxes.first())?.note, "first");
      },
      bulkUpdate: async () => {
        await fluxes.bulkInsert(empty);
        await fluxes.bulkUpdate(ROWS);
      },
    };
    for (const [call, write] of Object.entries(writes)) {
      await write();
      const read = await fluxes.findAll({
        orderBy: { id: "asc" },
        limit: VALUES.length,
      });
      assert.deepEqual(
        read.map(({ exact, single, list }) => [exact, single, list]),
        VALUES.map((value) => [value, SINGLE, [value, 1]]),
        call,
      );
      for (const [id, exact] of VALUES.entries()) {
        const [found, other] = await fluxes.findAll({ filterBy: { exact } });
        assert.deepEqual([found?.id, other], [id, undefined], call);
      }
      assert.equal(
        (await fluxes.bulkUpsert(ROWS)).unchanged,
        ROWS.length,
        call,
      );
      await fluxes.deleteAll({ filterBy: {}, all: true });
    }
    const bands = db.query(Band);
    assert.equal((await bands.bulkUpsert([{ flux: 0.1 }])).inserted, 1);
    assert.equal((await bands.bulkUpsert([{ flux: 1 / 3 }])).updated, 1);
    assert.equal((await bands.first())?.flux, 1 / 3);
    await db.dropDb();
    await db.close();
  });

  test(`${name}: numbers beyond the range of a float do not prevent comparisons of other rows`, async () => {
    const db = await open([Flux]);
    assert.ok(db instanceof SQLConnection);
    await db.createDb();
    const fluxes = db.query(Flux);
    await fluxes.bulkInsert([{ id: 1 }, { id: 2 }, {
      id: 3,
      exact: 5,
      single: 5,
    }]);
    for (const [id, value] of [[1, "1e400"], [2, "-1e-400"]] as const) {
      await db.kysely.updateTable("flux").set(
        { exact: value, single: value } as never,
      )
        .where("id", "=", id).execute();
    }
    await assert.rejects(fluxes.findOne({ filterBy: { id: 1 } }), {
      name: "SchemaError",
      message: /holds .*, beyond the range of a (?:double|single)/,
    });
    await assert.rejects(fluxes.findOne({ filterBy: { id: 2 } }), {
      name: "SchemaError",
      message: /holds .*, which is too small for a (?:double|single)/,
    });
    for (const field of ["exact", "single"] as const) {
      const ids = async (filter: object) =>
        (await fluxes.findAll({
          filterBy: { [field]: filter },
          orderBy: { id: "asc" },
          select: ["id"],
        })).map(({ id }) => id);
      assert.deepEqual(await ids({ gt: 4 }), [1, 3]);
      assert.deepEqual(await ids({ lt: 6 }), [2, 3]);
      assert.deepEqual(await ids({ eq: 5 }), [3]);
      assert.deepEqual(await ids({ in: [5, 6] }), [3]);
      assert.deepEqual(await ids({ eq: 0 }), [2]);
      assert.deepEqual(await ids({ ne: 5 }), [1, 2]);
      assert.deepEqual(
        await fluxes.bulkUpdate([[{ [field]: 5 }, { note: field }]]),
        { updated: 1, missing: 0 },
      );
    }
    await assert.rejects(
      fluxes.findOne({ filterBy: { id: 1 } }),
      /beyond the range of a double/,
    );
    await db.dropDb();
    await db.close();
  });
}
