// The page about migrations lists every rule that `dbp:ignore` takes.
import assert from "node:assert/strict";
import { join } from "node:path";
import { RULES as MONGO } from "../../src/mongo/migrations/file/rules.ts";
import { RULES as SQL } from "../../src/sql/migrations/file/rules.ts";
import { ROOT } from "../support/program.ts";

Deno.test("the page about migrations lists every lint rule of both engines, and no other", async () => {
  const page = await Deno.readTextFile(join(ROOT, "docs/migrations.md"));
  const [, section = ""] =
    /### Rules for your own files\n([^]*?)\n### /.exec(page) ?? [];
  const listed = [...section.matchAll(/^\| `([a-z-]+)`/gm)]
    .map(([, rule]) => rule);
  assert.deepEqual(listed.toSorted(), [...SQL, ...MONGO].toSorted());
});
