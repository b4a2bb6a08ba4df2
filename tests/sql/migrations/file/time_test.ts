// Reading and checking a migration file takes time in proportion to its size, whatever it contains.
import { MigrationError } from "@alerce/db-plugins";
import { looksLikeDirective } from "../../../../src/migrations/file/comment.ts";
import { lintSql } from "../../../../src/sql/migrations/lint/lint.ts";
import { parseSql } from "../../../../src/sql/migrations/file/parse.ts";
import { parse as parseMongo } from "../../../../src/mongo/migrations/file/parse.ts";
import assert from "node:assert/strict";

/** How often each part is repeated: with quadratic time, each text takes a minute or more. */
const TIMES = 40_000;
/** How many times as long the long texts are as the short ones. */
const FACTOR = 8;

/** The least milliseconds that count for a short text: a busy machine delays every text by seconds. */
const LEAST = 500;

/** Texts by what they repeat a number of times. */
type Texts = (times: number) => Readonly<Record<string, string>>;

/** Parts that made, or could make, a reader look at the rest of the text once for each part. */
const SQL: Texts = (times) => ({
  "signs of operators": `select 1 ${"+-".repeat(times)}1;`,
  "plus signs": `select 1 ${"+".repeat(times)}1;`,
  "comments on one line": "/**/".repeat(times),
  "spaces in a comment": `--${" ".repeat(times)}`,
  "signs before spaces": `--${"#".repeat(times)}${" ".repeat(times)}`,
  "open calls": `select ${"set_config(".repeat(times)}${")".repeat(times)};`,
  "names of many parts": `create table t (${"references.".repeat(times)}x);`,
  "lines about losses": `${
    "-- dbp:destructive drop-table t\n".repeat(times / 10)
  }${"drop table t;".repeat(times / 10)}`,
  "values of types": "alter type a add value 'x';".repeat(times / 10),
  "quotes without an end": `select '${"''".repeat(times)}x`,
  "dollar signs": `select ${"$a ".repeat(times)};`,
  "open comments": "/*".repeat(times),
  "actions": `alter table t ${
    "add column a int,".repeat(times / 10)
  }add b int;`,
});

const MONGO: Texts = (times) => ({
  "lines before an error": `[${'{"comment": "x"},\n'.repeat(times)}x]`,
  "empty lines before an error": `${"\n".repeat(times)}x`,
  "elements": `[${'{"comment": "x"},\n'.repeat(times)}{"comment": "x"}]`,
});

/** Returns the milliseconds in which a text is read, or refused. */
function timeOf(read: () => unknown): number {
  const start = performance.now();
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof MigrationError, String(error));
  }
  return performance.now() - start;
}

/** Registers a test of each kind of text. A second attempt counts if others delay the first one. */
function testTexts(
  language: string,
  texts: Texts,
  read: (text: string) => unknown,
): void {
  for (const what of Object.keys(texts(1))) {
    Deno.test(`${language} of ${TIMES} ${what} is read and checked in a time in proportion to its length`, () => {
      const [short = "", long = ""] = [TIMES / FACTOR, TIMES].map((times) =>
        texts(times)[what]
      );
      const most = 4 * FACTOR * Math.max(LEAST, timeOf(() => read(short)));
      const times = [timeOf(() => read(long))];
      if ((times[0] ?? 0) >= most) times.push(timeOf(() => read(long)));
      assert.ok(Math.min(...times) < most, `${times} ms, more than ${most} ms`);
    });
  }
}

testTexts("an SQL file", SQL, (text) => lintSql(parseSql(text, "f")));
testTexts("a MongoDB file", MONGO, (text) => parseMongo(text, "f"));

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
  ) timeOf(() => parseSql(text, "f"));
  timeOf(() => looksLikeDirective("a ".repeat(size)));
  timeOf(() => parseMongo(`[{"comment": "${"\\n".repeat(size)}"}]`, "f"));
});
