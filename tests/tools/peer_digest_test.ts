// The digests by which the benchmark compares the rows of other libraries with ours.
import assert from "node:assert/strict";
import { digests } from "../../bench/peers/digest.ts";

const COLUMNS = [
  { name: "candid", kind: "int64" },
  { name: "oid", kind: "string" },
  { name: "mjd", kind: "float64" },
  { name: "dubious", kind: "boolean" },
];
const row = {
  candid: 9_000_000_000_000_000_001n,
  oid: "ZTF18aaxlzgi",
  mjd: 58270.171,
  dubious: false as boolean | null,
};
const other = { ...row, oid: "ZTF18aazxcwf", dubious: null };

Deno.test("digests are equal for the same rows in another order", () => {
  assert.deepEqual(
    digests([row, other], COLUMNS),
    digests([other, row], COLUMNS),
  );
});

Deno.test("a lost digit of a 64-bit integer changes the digest, but not the one without them", () => {
  const lost = { ...row, candid: Number(row.candid) };
  const [exact, damaged] = [digests([row], COLUMNS), digests([lost], COLUMNS)];
  assert.notEqual(damaged.digest, exact.digest);
  assert.equal(damaged.digestWithoutIds, exact.digestWithoutIds);
});

Deno.test("another double, text, boolean, or null changes both digests", () => {
  const exact = digests([row], COLUMNS);
  for (
    const change of [
      { mjd: 58270.1710000001 },
      { mjd: "58270.171" },
      { oid: "ZTF18aaxlzgj" },
      { dubious: true },
      { dubious: null },
    ]
  ) {
    const changed = digests([{ ...row, ...change }], COLUMNS);
    assert.notEqual(changed.digest, exact.digest);
    assert.notEqual(changed.digestWithoutIds, exact.digestWithoutIds);
  }
});
