// Which rows are known to have different keys, from their encoded bytes.
import { defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { fieldsNamed } from "../../../src/model/keys.ts";
import { keyHashes } from "../../../src/sql/write/key_hashes.ts";
import type { Layer } from "../../../src/sql/write/layer.ts";
import { encodeBatches } from "../../../src/sql/write/layers.ts";

const Item = defineModel("item", {
  fields: z.object({
    name: z.string(),
    value: z.float64(),
    part: z.int32(),
  }),
  primaryKey: ["name", "part"],
});
type Row = { name: string; value: number; part: number };

function layersOf(rows: readonly Row[]): Layer[] {
  const batches = encodeBatches(rows, {
    model: Item,
    keys: [],
    required: [],
    optional: [],
    references: [],
    isExact: true,
    ascending: undefined,
    texts: [],
    shapes: new Map(),
    columns: () => Item.fields,
  });
  assert.ok(Symbol.iterator in batches);
  return [...batches].flatMap(({ layers }) => layers);
}

function areDistinct(
  rows: readonly Row[],
  key: readonly string[] = ["name", "part"],
): boolean {
  const hashes = keyHashes(
    fieldsNamed(Item, key),
    Item.fields,
  );
  for (const layer of layersOf(rows)) hashes.add(layer);
  return hashes.areDistinct();
}

const row = (name: string, part: number, value = 0): Row => ({
  name,
  part,
  value,
});
const many = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => row(`n${index % 700}`, index));

Deno.test("rows with different keys are known, also in several batches", () => {
  for (const count of [0, 1, 2, 1_023, 1_025, 60_000]) {
    assert.equal(areDistinct(many(count)), true, `${count} rows`);
  }
  assert.equal(areDistinct([row("a", 1), row("", 1), row("a", 2)]), true);
});

Deno.test("a repeated key is found wherever it is, whatever the other fields", () => {
  const rows = many(60_000);
  for (const at of [0, 1, 30_000, 59_999]) {
    const again = { ...rows[at] ?? row("", 0), value: 7 };
    assert.equal(areDistinct([...rows, again]), false, `row ${at}`);
    assert.equal(areDistinct([again, ...rows.slice(0, at + 1)]), false);
  }
  assert.equal(areDistinct([row("a", 1), row("a", 1)]), false);
});

Deno.test("rows are not known to differ without a key, by floats, by missing columns, or if they are too many", () => {
  assert.equal(keyHashes(undefined, Item.fields).areDistinct(), false);
  assert.equal(
    areDistinct([row("a", 1, 0), row("a", 1, -0)], ["value"]),
    false,
  );
  const [name] = fieldsNamed(Item, ["name"]);
  assert.ok(name !== undefined);
  assert.equal(keyHashes([name], []).areDistinct(), false);
  assert.equal(areDistinct(many(300_000)), false);
});
