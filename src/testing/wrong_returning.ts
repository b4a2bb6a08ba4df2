import assert from "node:assert/strict";
import { QueryError } from "../base/errors/mod.ts";

const WRONG: readonly (readonly [unknown, RegExp, string, string?])[] = [
  [["id", "magg"], /no field "magg"/, "magg", "mag"],
  [[], /array of at least one field name/, "returning"],
  ["id", /array of at least one field name/, "returning"],
];

/** Checks that calls on stars refuse wrong fields to return. */
export async function refuseWrongReturning(
  calls: (returning: readonly ["id"]) => readonly (() => Promise<unknown>)[],
): Promise<void> {
  for (const [given, message, field, nearest] of WRONG) {
    for (const call of calls(given as ["id"])) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof QueryError, String(error));
        assert.match(error.message, message);
        assert.deepEqual([error.field, error.nearest], [field, nearest]);
        return true;
      });
    }
  }
}
