// Arrays of float32 and numbers that no float32 is near to: no array has such an item.
import { defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { onEveryEngine } from "../support/every_engine.ts";

const Curve = defineModel("curve", {
  fields: z.object({
    id: z.int32(),
    flux: z.array(z.float32()).nullable(),
  }),
  primaryKey: ["id"],
});

onEveryEngine(
  "no array contains a number that no float32 is near to",
  async (databases) => {
    for (const db of databases) {
      const curves = db.query(Curve);
      await curves.bulkInsert([
        { id: 1, flux: [0, 0.5] },
        { id: 2, flux: [] },
        { id: 3, flux: null },
      ]);
      const ids = async (flux: object): Promise<number[]> => {
        const rows = await curves.findAll({
          filterBy: { flux },
          orderBy: { id: "asc" },
        });
        return rows.map(({ id }) => id);
      };
      assert.deepEqual(await ids({ contains: [] }), [1, 2]);
      assert.deepEqual(await ids({ contains: [0.5] }), [1]);
      assert.deepEqual(await ids({ contains: [0.5, 1e39] }), []);
      assert.deepEqual(await ids({ contains: 1e-46 }), []);
      assert.deepEqual(await ids({ containsAny: [1e39, 0.5] }), [1]);
      assert.deepEqual(await ids({ containsAny: [1e39] }), []);
      assert.deepEqual(await ids({ eq: [0, 1e39] }), []);
      assert.deepEqual(await ids({ ne: [0, 1e39] }), [1, 2, 3]);
    }
  },
  [Curve],
);
