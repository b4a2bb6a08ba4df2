// Reading and checking a migration file takes time in proportion to its size, whatever it contains.
import { MigrationError } from "@alerce/db-plugins";
import { looksLikeDirective } from "../../../../src/migrations/file/comment.ts";
import { lintSql } from "../../../../src/sql/migrations/lint/lint.ts";
import { parseSql } from "../../../../src/sql/migrations/file/parse.ts";
import { parse as parseMongo } from "../../../../src/mongo/migrations/file/parse.ts";
import assert from "node:assert/strict";

/** How often each part is repeated: with quadratic time, each text takes a minute or more. */
const TIMES = 40_000;
/** The most milliseconds that a text may take; it takes a tenth of that or less. */
const MOST = 15_000;

/** Parts that made, or could make, a reader look at the rest of the text once for each part. */
const SQL: Readonly<Record<string, string>> = {
  "signs of operators": `select 1 ${"+-".repeat(TIMES)}1;`,
  "plus signs": `select 1 ${"+".repeat(TIMES)}1;`,
  "comments on one line": "/**/".repeat(TIMES),
  "spaces in a comment": `--${" ".repeat(TIMES)}`,
  "signs before spaces": `--${"#".repeat(TIMES)}${" ".repeat(TIMES)}`,
  "open calls": `select ${"set_config(".repeat(TIMES)}${")".repeat(TIMES)};`,
  "names of many parts": `create table t (${"references.".repeat(TIMES)}x);`,
  "lines about losses": `${
    "-- dbp:destructive drop-table t\n".repeat(TIMES / 10)
  }${"drop table t;".repeat(TIMES / 10)}`,
  "values of types": "alter type a add value 'x';".repeat(TIMES / 10),
  "quotes without an end": `select '${"''".repeat(TIMES)}x`,
  "dollar signs": `select ${"$a ".repeat(TIMES)};`,
  "open comments": "/*".repeat(TIMES),
  "actions": `alter table t ${
    "add column a int,".repeat(TIMES / 10)
  }add b int;`,
};

const MONGO: Readonly<Record<string, string>> = {
  "lines before an error": `[${'{"comment": "x"},\n'.repeat(TIMES)}x]`,
  "empty lines before an error": `${"\n".repeat(TIMES)}x`,
  "elements": `[${'{"comment": "x"},\n'.repeat(TIMES)}{"comment": "x"}]`,
};

function assertQuick(read: () => unknown): void {
  const start = performance.now();
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof MigrationError, String(error));
  }
  const time = performance.now() - start;
  assert.ok(time < MOST, `${Math.round(time)} ms`);
}

for (const [what, text] of Object.entries(SQL)) {
  Deno.test(`an SQL file of ${TIMES} ${what} is read and checked quickly`, () =>
    assertQuick(() => lintSql(parseSql(text, "f"))));
}

for (const [what, text] of Object.entries(MONGO)) {
  Deno.test(`a MongoDB file of ${TIMES} ${what} is read quickly`, () =>
    assertQuick(() => parseMongo(text, "f")));
}

Deno.test("texts of millions of characters do not overflow the stack", () => {
  const size = 3_000_000;
  for (
    const text of [
      `select '${"''".repeat(size)}';`,
      `select e'${"\\n".repeat(size)}';`,
      `select "${'""'.repeat(size)}";`,
      `select ${"1_".repeat(size)}1;`,
      `-- dbp:destructive drop-table ${'"a'.repeat(size)}\nselect 1;`,
    ]
  ) assertQuick(() => parseSql(text, "f"));
  assertQuick(() => looksLikeDirective("a ".repeat(size)));
  assertQuick(() => parseMongo(`[{"comment": "${"\\n".repeat(size)}"}]`, "f"));
});
