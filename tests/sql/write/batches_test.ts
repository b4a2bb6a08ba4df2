// Batches of encoded rows contain each row once, in its order, whatever their size.
import { defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { z } from "zod";
import { ByteWriter } from "../../../src/sql/codec/byte_writer.ts";
import {
  COPY_HEADER,
  COPY_TRAILER,
} from "../../../src/sql/codec/copy_format.ts";
import { rowEncoders } from "../../../src/sql/codec/encode.ts";
import { type Batch, encodeBatches } from "../../../src/sql/write/layers.ts";

const Item = defineModel("item", {
  fields: z.object({ id: z.int32(), text: z.string() }),
  primaryKey: ["id"],
});

const layering = () => ({
  model: Item,
  keys: [Item.fields.slice(0, 1)],
  required: [],
  optional: [],
  references: [],
  isExact: true,
  ascending: Item.fields[0],
  texts: [],
  shapes: new Map(),
  columns: () => Item.fields,
});

const MEGABYTE = 1 << 20;

for (
  const [count, length, sizes] of [
    [0, 0, []],
    [1, 1, [1]],
    [1_000, 2_000, [1_000]],
    [20_000, 10, [20_000]],
    [1_500, 2_000, [1_001, 499]],
    [10_000, 500, [1_021, 8_161, 818]],
    [3, 5 * MEGABYTE, [1, 1, 1]],
  ] as const
) {
  Deno.test(`${count} rows of ${length} bytes are encoded in ${sizes.length} batches`, async () => {
    const text = "x".repeat(length);
    const rows = Array.from({ length: count }, (_, id) => ({ id, text }));
    const writer = new ByteWriter(MEGABYTE);
    const encode = rowEncoders(Item, Item.fields, writer).encode;
    rows.forEach((row, index) => encode(row, index));
    const expected = writer.take();
    for (const source of [rows, new Set(rows), ReadableStream.from(rows)]) {
      const batches: Batch[] = await Array.fromAsync(
        encodeBatches(source, layering()),
      );

      const layers = batches.flatMap(({ layers }) => layers);
      assert.deepEqual(layers.map(({ rows }) => rows), sizes);
      assert.ok(batches.slice(0, -1).every(({ isLast }) => !isLast));
      assert.deepEqual(
        layers.map(({ range }) => range?.last),
        sizes.map((_, index) =>
          sizes.slice(0, index + 1).reduce<number>(
            (sum, size) => sum + size,
            -1,
          )
        ),
      );
      const bytes = layers.map(({ bytes }) =>
        bytes.subarray(COPY_HEADER.length, -COPY_TRAILER.length)
      );
      assert.deepEqual(new Uint8Array(Buffer.concat(bytes)), expected);
    }
  });
}
