import assert from "node:assert/strict";
import { createNames } from "../../../src/sql/driver/statement_names.ts";

const named = { text: "select $1", name: "s1" };

Deno.test("a statement with a list of many values is planned for them, and others are prepared", () => {
  const names = createNames(true);
  const nameOf = (...values: (string | null)[]) =>
    names.of({ ...named, values }).name;
  assert.equal(nameOf("1", null), "s1");
  assert.equal(
    nameOf(null, `{${Array(1000).fill("ZTF18aaa").join()}}`),
    undefined,
  );
  assert.equal(nameOf("1"), "s1");
});

Deno.test("without prepared statements no statement has a name", () => {
  assert.equal(createNames(false).of({ ...named, values: [] }).name, undefined);
});
