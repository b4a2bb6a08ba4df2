// Work on several items at once: results in their order, errors when they are asked for, and nothing goes on after the loop.
import assert from "node:assert/strict";
import { ahead } from "../../src/base/ahead.ts";

/** Work whose results the test decides. */
function work(): {
  readonly begun: number[];
  readonly ends: Map<number, PromiseWithResolvers<string>>;
  readonly run: (item: number) => Promise<string>;
} {
  const begun: number[] = [];
  const ends = new Map<number, PromiseWithResolvers<string>>();
  return {
    begun,
    ends,
    run(item) {
      begun.push(item);
      const end = Promise.withResolvers<string>();
      ends.set(item, end);
      return end.promise;
    },
  };
}

Deno.test("results come in the order of the items, and the next ones are worked on", async () => {
  const { begun, ends, run } = work();
  const results = ahead([1, 2, 3, 4], run, 1);
  const first = results.next();
  assert.deepEqual(begun, [1, 2]);
  ends.get(2)?.resolve("b");
  ends.get(1)?.resolve("a");
  assert.deepEqual(await first, { done: false, value: "a" });
  assert.deepEqual(begun, [1, 2]);
  assert.deepEqual(await results.next(), { done: false, value: "b" });
  assert.deepEqual(begun, [1, 2, 3]);
  ends.get(3)?.resolve("c");
  const third = results.next();
  await Promise.resolve();
  ends.get(4)?.resolve("d");
  assert.equal((await third).value, "c");
  assert.equal((await results.next()).value, "d");
  assert.equal((await results.next()).done, true);
});

Deno.test("an item that cannot be read, and work that fails, end the loop in their order", async () => {
  function* items(): Generator<number> {
    yield 1;
    throw new Error("no item");
  }
  const read = ahead(items(), (item) => Promise.resolve(item), 2);
  assert.equal((await read.next()).value, 1);
  await assert.rejects(read.next(), /no item/);

  const { begun, ends, run } = work();
  const failing = ahead([1, 2, 3], run, 1);
  const first = failing.next();
  ends.get(2)?.reject(new Error("no result"));
  ends.get(1)?.resolve("a");
  assert.equal((await first).value, "a");
  const second = failing.next();
  ends.get(3)?.resolve("c");
  await assert.rejects(second, /no result/);
  assert.deepEqual(begun, [1, 2, 3]);
});

Deno.test("a loop that ends early waits for the work that has begun", async () => {
  const { ends, run } = work();
  const results = ahead([1, 2, 3], run, 1);
  const first = results.next();
  ends.get(1)?.resolve("a");
  await first;
  let isOver = false;
  const over = results.return(undefined).then(() => isOver = true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(isOver, false);
  ends.get(2)?.reject(new Error("too late"));
  await over;
});
