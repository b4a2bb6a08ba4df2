// Each guarantee in docs/operations.md names the tests that hold it.
import assert from "node:assert/strict";
import { readPage, sectionOf } from "./pages.ts";

const PAGE = await readPage("docs/operations.md");

Deno.test("each guarantee names the tests that hold it", () => {
  const rows = sectionOf(PAGE, "Guarantees").split("\n").filter((line) =>
    line.startsWith("| ") && !line.startsWith("| ---")
  );
  const faults = rows.slice(
    1,
    rows.findIndex((row) => /^\| setting/.test(row)),
  );
  assert.ok(faults.length >= 8);
  for (const row of faults) assert.match(row, /`tests\/[\w/]+_test\.ts` +\|$/);
});
