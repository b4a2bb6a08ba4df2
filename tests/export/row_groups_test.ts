// The row groups of a Parquet file.
import { defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { parquetMetadata } from "hyparquet";
import { z } from "zod";
import { parquetEncoder } from "../../src/export/parquet/encoder.ts";
import { joined } from "../support/avro.ts";

const Item = defineModel("item", {
  fields: z.object({ id: z.int32(), name: z.string() }),
  primaryKey: ["id"],
});

/** Returns the numbers of rows of the groups of a file. */
async function groupsOf(rows: readonly object[]): Promise<number[]> {
  const { begin, encode, end } = await parquetEncoder(Item, Item.fields);
  const parts = [begin()];
  for (let from = 0; from < rows.length; from += 1_000) {
    parts.push(encode(rows.slice(from, from + 1_000)));
  }
  const bytes = joined(...parts, end());
  return parquetMetadata(bytes.slice().buffer).row_groups
    .map(({ num_rows: count }) => Number(count));
}

Deno.test("a row group ends after 32,768 rows", async () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, id) => ({ id, name: "a" }));
  assert.deepEqual(await groupsOf(rows(32_768)), [32_768]);
  assert.deepEqual(await groupsOf(rows(32_769)), [32_768, 1]);
  assert.deepEqual(await groupsOf([]), []);
});

Deno.test("a row group of long texts ends after 32 MB", async () => {
  const rows = Array.from({ length: 40 }, (_, id) => ({
    id,
    name: String(id).repeat(1 << 20).slice(0, 1 << 20),
  }));
  const [first = 0, ...others] = await groupsOf(rows);
  assert.ok(first >= 31 && first <= 33, `${first} rows`);
  assert.deepEqual(others, [40 - first]);
});
