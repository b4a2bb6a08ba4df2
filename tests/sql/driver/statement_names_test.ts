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

Deno.test("each renewal gives a statement a new name, once for all that failed with the old one", () => {
  for (const name of ["s1", "dbp_column_types", "dbp_bulk_1"]) {
    const names = createNames(true);
    const current = () => names.of({ ...named, name, values: [] }).name ?? "";
    const seen = new Set<string>();
    for (let round = 0; round < 12; round++) {
      const old = current();
      assert.ok(!seen.has(old), old);
      seen.add(old);
      names.renew(old);
      const renewed = current();
      names.renew(old);
      assert.equal(current(), renewed);
    }
  }
});
