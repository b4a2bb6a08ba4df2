// A condition whose lists are too long for one command is cut into several.
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
/** Bytes of which a list of twenty has several times as many. */
const MOST = 150;

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
      keys(id.map((one, place) => [one, name[place % name.length] ?? ""])),
    )
  );

Deno.test("a row that meets a condition meets one of its parts, and no row meets two", async () => {
  let cut = 0;
  await property(
    1_000,
    fc.tuple(conditions, fc.array(star, { maxLength: 20 })),
    ([where, rows]) => {
      const parts = splitCondition(where, MOST);
      if (parts.length > 1) cut++;
      for (const row of rows) {
        assert.equal(
          parts.filter((part) => holds(part, { ...row })).length,
          holds(where, { ...row }) ? 1 : 0,
        );
      }
      return Promise.resolve();
    },
  );
  assert.ok(cut > 300, `${cut} were cut`);
});

Deno.test("a condition that fits is left as it is, and so is one that cannot be cut", () => {
  const long = Array.from({ length: 1_000 }, (_, place) => BigInt(place));
  for (
    const [where, most] of [
      [compileFilter(Star, { id: long }), undefined],
      [compileFilter(Star, { id: { notIn: long } }), MOST],
      [compileFilter(Star, { not: { or: [{ id: long }] }, mag: 1 }), MOST],
      [
        compileFilter(Star, { or: [{ id: long }, { not: { id: long } }] }),
        MOST,
      ],
      [compileFilter(Star, { name: ["x".repeat(2 * MOST)] }), MOST],
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
