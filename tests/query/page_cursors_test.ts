import assert from "node:assert/strict";
import { addCursors } from "../../src/query/read/page_cursors.ts";

Deno.test("the cursors of a page are computed when they are read, and are properties of its own", () => {
  const sides: string[] = [];
  const pageOf = (number: number): { readonly page: number } => {
    const page = { page: number };
    addCursors(page, (side) => {
      sides.push(side);
      return side === "after" ? `after ${number}` : undefined;
    });
    return page;
  };
  const [first, second] = [pageOf(1), pageOf(2)];
  assert.deepEqual(sides, []);
  assert.deepEqual({ ...first }, {
    page: 1,
    cursor: "after 1",
    previousCursor: undefined,
  });
  assert.equal(JSON.stringify(second), '{"page":2,"cursor":"after 2"}');
  assert.deepEqual(sides, ["after", "before", "after", "before"]);
  // With functions of its own, V8 would keep a page and its rows too long.
  const getter = (page: object): unknown =>
    Object.getOwnPropertyDescriptor(page, "cursor")?.get;
  assert.equal(getter(first), getter(second));
});
