// The texts of single values.
import { defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { csvEncoder } from "../../src/export/text/csv_text.ts";
import { jsonText } from "../../src/export/text/json_text.ts";
import { jsonOf, plainText } from "../../src/export/text/value_text.ts";
import { exactDate, INFINITE_TIME } from "../../src/model/exact_date.ts";

Deno.test("dates have their microseconds, and infinite ones are texts", () => {
  const date = plainText({ kind: "date" });
  const time = Date.parse("2018-06-01T04:07:22.125Z");
  assert.equal(date(exactDate(time, 7)), "2018-06-01T04:07:22.125007Z");
  assert.equal(date(new Date(time)), "2018-06-01T04:07:22.125Z");
  assert.equal(date(new Date(INFINITE_TIME)), "infinity");
  assert.equal(date(new Date(-INFINITE_TIME)), "-infinity");
});

Deno.test("32-bit floats have the fewest digits that read back to them", () => {
  const texts = {
    ...{ "0.1": 0.1, "17.1": 17.1, "-1.5e-7": -1.5e-7, "16777216": 2 ** 24 },
    ...{ "0.33333334": 1 / 3, "1e-45": 2 ** -149, "3.4028235e+38": 2 ** 128 },
    ...{ "-0": -0, "0": 0, "332103600": 332103616, "Infinity": Infinity },
  };
  for (const [text, value] of Object.entries(texts)) {
    const single = Math.fround(value === 2 ** 128 ? value - 2 ** 104 : value);
    assert.equal(plainText({ kind: "float32" })(single), text);
    assert.equal(Math.fround(Number(text)), single);
  }
  assert.equal(plainText({ kind: "float32" })(0.1), "0.1");
  assert.equal(
    plainText({ kind: "float64" })(Math.fround(0.1)),
    "0.10000000149011612",
  );
  const item = { kind: "float32" } as const;
  const list = {
    kind: "array",
    item,
    nullableItems: false,
    keepsNotFinite: true,
  } as const;
  assert.equal(jsonOf(list)([Math.fround(0.1), NaN]), '[0.1,"NaN"]');
});

Deno.test("JSON values keep integers and floats apart", () => {
  assert.equal(
    jsonText({
      whole: 2n ** 53n + 1n,
      float: 2 ** 63,
      zero: -0,
      list: [null, "\n", { a: undefined }],
    }),
    '{"whole":9007199254740993,"float":9.223372036854776e+18,"zero":-0,"list":[null,"\\n",{}]}',
  );
});

Deno.test("values that JSON has no form for are texts", () => {
  assert.equal(jsonOf({ kind: "float64" })(NaN), '"NaN"');
  assert.equal(jsonOf({ kind: "bytes" })(new Uint8Array([1, 2])), '"AQI="');
  assert.equal(plainText({ kind: "bytes" })(new Uint8Array()), "\\x");
});

Deno.test("names and values with characters that end a cell, or could separate the header, are quoted", () => {
  const { fields } = defineModel("item", {
    fields: z.object({ id: z.int32(), "a;b;c": z.string() }),
    primaryKey: ["id"],
  });
  const { begin, encode } = csvEncoder(fields, ",");
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  assert.equal(text(begin()), 'id,"a;b;c"\n');
  for (const value of ["a\rb", "a\nb", "a\tb", "a,b", "a;b", "a|b", ""]) {
    assert.equal(
      text(encode([{ id: 1, "a;b;c": value }])),
      `1,"${value}"\n`,
    );
  }
  assert.equal(text(encode([{ id: 1, "a;b;c": 'a"b' }])), '1,"a""b"\n');
});
