// Rows that are created from columns: values, rows without a value, rows apart, and any names.
import { defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import type { Field } from "../../src/model/field.ts";
import {
  type ColumnValues,
  createColumnRows,
} from "../../src/query/statement/column_rows.ts";

const { fields } = defineModel("item", {
  fields: z.object({
    id: z.int64(),
    mag: z.float64().nullable(),
    name: z.string().default("x"),
  }),
  primaryKey: ["id"],
});

function columnOf(
  name: string,
  values: ColumnValues["values"],
  empty: readonly number[] = [],
): ColumnValues {
  const field = fields.find((field) => field.name === name);
  assert.ok(field);
  return {
    field,
    values,
    isEmpty: empty.length === 0
      ? undefined
      : Uint8Array.from(values, (_, at) => empty.includes(at) ? 1 : 0),
    empty: field.nullable ? null : undefined,
  };
}

Deno.test("rows have the values of their columns, or what stands for none", () => {
  // The second rows have other empty ones, and are created by the same function.
  for (const empty of [[1], [0, 2], []]) {
    const rows = createColumnRows({
      length: 3,
      columns: [
        columnOf("id", BigInt64Array.of(1n, 2n, 3n)),
        columnOf("mag", Float64Array.of(1.5, 2.5, 3.5), empty),
        columnOf("name", ["a", "b", "c"], empty),
      ],
      apart: new Map(),
    });
    const expected = [1n, 2n, 3n].map((id, at) => ({
      id,
      mag: empty.includes(at) ? null : at + 1.5,
      name: empty.includes(at) ? undefined : "abc"[at],
    }));
    assert.deepEqual(Array.from(rows, (row) => ({ ...row })), expected);
    assert.deepEqual({ ...rows.at(2) }, expected[2]);
    for (const at of [-1, 3, NaN]) assert.equal(rows.at(at), undefined);
  }
});

Deno.test("rows apart are those that were given, and rows may have no column", () => {
  const apart = { id: 7n };
  const rows = createColumnRows({
    length: 2,
    columns: [columnOf("id", BigInt64Array.of(0n, 2n))],
    apart: new Map([[0, apart]]),
  });
  assert.equal(rows.at(0), apart);
  assert.deepEqual(Array.from(rows, (row) => ({ ...row })), [apart, {
    id: 2n,
  }]);
  const empty = createColumnRows({ length: 2, columns: [], apart: new Map() });
  assert.deepEqual([...empty], [{}, {}]);
});

Deno.test("a column may have the name of the prototype", () => {
  const [id] = fields;
  assert.ok(id);
  const field: Field = { ...id, name: "__proto__" };
  const values = BigInt64Array.of(5n);
  const [row] = createColumnRows({
    length: 1,
    columns: [{ field, values, isEmpty: undefined, empty: undefined }],
    apart: new Map(),
  });
  assert.ok(row);
  assert.equal(Object.getPrototypeOf(row), Object.prototype);
  assert.deepEqual(Object.entries(row), [["__proto__", 5n]]);
});
