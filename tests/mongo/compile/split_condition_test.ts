// A condition with lists too long for one command is split into parts.
import type { Condition } from "@alerce/db-plugins/engine";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import { splitCondition } from "../../../src/mongo/compile/split_condition.ts";
import { compileFilter } from "../../../src/query/filter/compile_filter.ts";
import { filter, POOLS, property, star } from "../../support/arbitraries.ts";
import { holds } from "../../memory/rows.ts";

const ids = fc.array(POOLS.id, { minLength: 1, maxLength: 20 });
const names = fc.array(POOLS.name, { minLength: 1, maxLength: 20 });
const seen = fc.array(POOLS.seen, { minLength: 1, maxLength: 20 });
const labels = fc.array(POOLS.labels, { minLength: 1, maxLength: 6 });
/** A limit in bytes that a list of twenty values exceeds several times. */
const MAX_BYTES = 150;

function keys(rows: readonly (readonly [bigint, string])[]): Condition {
  const fields = Star.fields.filter(({ name }) =>
    name === "id" || name === "name"
  );
  return { kind: "keys", fields, keys: rows };
}

const conditions: fc.Arbitrary<Condition> = fc.tuple(
  ids,
  names,
  seen,
  labels,
  filter,
)
  .chain(([id, name, seen, labels, other]) =>
    fc.constantFrom(
      compileFilter(Star, { id, name }),
      compileFilter(Star, { or: [{ id }, other] }),
      compileFilter(Star, { or: [{ id }, { name }] }),
      compileFilter(Star, {
        and: [{ or: [{ seen: null }, { seen }] }, other],
        id,
      }),
      compileFilter(Star, { id: { notIn: id }, name }),
      compileFilter(Star, { not: { id }, ...other }),
      compileFilter(Star, { labels: { in: labels }, id }),
      keys(id.map((one, index) => [one, name[index % name.length] ?? ""])),
    )
  );

Deno.test("a row that meets a condition meets exactly one of its parts", async () => {
  let cut = 0;
  await property(
    1_000,
    fc.tuple(conditions, fc.array(star, { maxLength: 20 })),
    ([where, rows]) => {
      const parts = splitCondition(where, MAX_BYTES);
      if (parts.length > 1) cut++;
      for (const row of rows) {
        assert.equal(
          parts.filter((part) => holds(part, { ...row }, () => [])).length,
          holds(where, { ...row }, () => []) ? 1 : 0,
        );
      }
      return Promise.resolve();
    },
  );
  assert.ok(cut > 300, `${cut} were cut`);
});

Deno.test("a condition that is short enough, or cannot be split, stays unchanged", () => {
  const long = Array.from({ length: 1_000 }, (_, index) => BigInt(index));
  for (
    const [where, most] of [
      [compileFilter(Star, { id: long }), undefined],
      [compileFilter(Star, { id: { notIn: long } }), MAX_BYTES],
      [compileFilter(Star, { not: { or: [{ id: long }] }, mag: 1 }), MAX_BYTES],
      [
        compileFilter(Star, { or: [{ id: long }, { not: { id: long } }] }),
        MAX_BYTES,
      ],
      [compileFilter(Star, { name: ["x".repeat(2 * MAX_BYTES)] }), MAX_BYTES],
    ] as const
  ) assert.deepEqual(splitCondition(where, most), [where]);
  assert.equal(
    splitCondition(
      compileFilter(Star, { id: [...long, ...long] }),
      4 * 18 * 250,
    )
      .length,
    1,
  );
});
