// The documentation linter reports missing comments, but not types that are public in other packages.
import assert from "node:assert/strict";
import { join } from "node:path";
import { docLint } from "../../tools/doc_lint.ts";

const MODULE = `/**
 * A module.
 *
 * @module
 */
import type * as kysely from "kysely";
import type * as mongodb from "mongodb";

interface Hidden {
  a: number;
}

/** Public in kysely. */
export interface Builder {
  /** It. */
  it: kysely.Kysely<object>;
}

/** Public in the driver. */
export interface Documents {
  /** It. */
  it: mongodb.Collection;
}

/** Public nowhere. */
export interface Own {
  /** It. */
  it: Hidden;
}

export const bare = 1;
`;

Deno.test("the documentation linter reports private types and missing comments, not types of other packages", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "module.ts");
    await Deno.writeTextFile(path, MODULE);
    const findings = await docLint([path]);
    assert.deepEqual(findings.map((finding) => finding.split("\n")[0]), [
      "error[private-type-ref]: public type 'Own[\"it\"]' references private type 'Hidden'",
      "error[missing-jsdoc]: exported symbol is missing JSDoc documentation",
    ]);
    const [failed = ""] = await docLint([join(folder, "nowhere.ts")]);
    assert.match(failed, /nowhere\.ts/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
