// Rows whose keys ascend are written without a search for repeated keys; keys that repeat anywhere are still found.
import { defineModel, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import {
  freshPglite,
  freshSchema,
  postgresSettings,
} from "../../support/engines.ts";

const Item = defineModel("item", {
  fields: z.object({
    id: z.int64(),
    part: z.int32(),
    value: z.int32(),
    text: z.string(),
  }),
  primaryKey: ["id", "part"],
});
/** Long enough that a few thousand rows are more than one batch. */
const text = "x".repeat(2_000);
/** Rows of the ids, whose values are their positions. */
const rowsOf = (ids: readonly (bigint | number)[]) =>
  ids.map((id, value) => ({ id: BigInt(id), part: 1, value, text }));
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

const orders: Record<string, readonly number[]> = {
  "ascending": range(0, 5_000),
  "descending": range(0, 5_000).toReversed(),
  "ascending, and again from the start in a later batch": [
    ...range(0, 2_500),
    ...range(0, 2_500),
  ],
  "with a repeated key at the end of a batch": [
    ...range(0, 5_000),
    4_999,
  ],
  "with a repeated key in the middle": [...range(0, 10), 9, ...range(10, 20)],
  // The first batch ends after 1,001 of these rows.
  ...Object.fromEntries(
    range(1_000, 1_003).flatMap((count) => [
      [
        `ascending in two batches, the second from the start, of ${count} rows`,
        [...range(0, count), ...range(0, count)],
      ],
      [
        `ascending, with the last key of ${count} rows again`,
        [...range(0, count), ...range(count - 1, 2 * count)],
      ],
    ]),
  ),
  "with one smaller key": [...range(10, 3_000), 5, ...range(3_000, 5_000)],
};

for (const engine of ["postgresql", "pglite"]) {
  test(`${engine}: the last row of each key is upserted, whatever the order of the keys`, async () => {
    const client = engine === "pglite" ? await freshPglite() : undefined;
    const db = new SQLConnection({ models: [Item] as const, client });
    await db.connect({
      ...engine === "pglite" ? {} : postgresSettings(),
      SCHEMA: freshSchema(),
    });
    await db.createDb();
    const items = db.query(Item);
    for (const [name, ids] of Object.entries(orders)) {
      const isLong = name.includes("batch") || name.includes("last key");
      for (const before of isLong ? ["none"] : ["none", "half"]) {
        await items.deleteAll({ filterBy: {}, all: true });
        const half = rowsOf([...new Set(ids)].filter((id) => id % 2 === 0))
          .map((row) => ({ ...row, value: -1 }));
        if (before === "half") await items.bulkInsert(half);
        const result = await items.bulkUpsert(rowsOf(ids));
        const last = new Map(ids.map((id, value) => [id, value]));
        const found = await items.findAll({ select: ["id", "value"] });
        assert.deepEqual(
          new Map(found.map(({ id, value }) => [Number(id), value])),
          last,
          name,
        );
        assert.equal(
          result.inserted,
          last.size - (before === "half" ? half.length : 0),
          name,
        );
      }
      if (isLong) continue;
      await items.deleteAll({ filterBy: {}, all: true });
      const { inserted } = await items.bulkInsert(rowsOf(ids));
      assert.equal(inserted, new Set(ids).size, name);
    }
    await db.dropDb();
    await db.close();
  });
}
