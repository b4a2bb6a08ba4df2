// The texts of single values.
import assert from "node:assert/strict";
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
