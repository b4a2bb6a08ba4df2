import assert from "node:assert/strict";
import { ascendingTest, joinedRanges } from "../../src/load/record/ranges.ts";

Deno.test("ranges that overlap, touch, or contain others are joined", () => {
  assert.deepEqual(
    joinedRanges([
      { first: 40, end: 50 },
      { first: 0, end: 30 },
      { first: 10, end: 20 },
      { first: 30, end: 35 },
    ]),
    [{ first: 0, end: 35 }, { first: 40, end: 50 }],
  );
});

Deno.test("a range contains its first row, and not the one at its end", () => {
  const isLoaded = ascendingTest([{ first: 1, end: 3 }, { first: 4, end: 5 }]);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].filter((index) => isLoaded(index)),
    [1, 2, 4],
  );
});
