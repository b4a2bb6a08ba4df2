// What reads texts of servers, users and files takes a time in proportion to their length.
import assert from "node:assert/strict";
import { cpuUsage } from "node:process";
import { printable } from "../../src/base/errors/printable.ts";
import { withoutLiterals } from "../../src/base/without_literals.ts";
import {
  isConnectionText,
  withoutCredentials,
} from "../../src/base/url_secrets.ts";
import { databaseText } from "../../src/cli/run/database_text.ts";
import { usageError } from "../../src/cli/parse/usage_error.ts";
import { emptyTexts } from "../../src/load/input/empty_texts.ts";
import { wholeRecords } from "../../src/load/input/whole_records.ts";
import { fromText } from "../../src/load/values/from_text.ts";
import { looksLikeDirective } from "../../src/migrations/file/comment.ts";
import { permissionText } from "../../src/mongo/driver/permission_text.ts";
import { duplicateKeyError } from "../../src/mongo/link/duplicate_key.ts";
import { castType, isTextType } from "../../src/sql/codec/column_type.ts";
import { declaredForm } from "../../src/sql/codec/stored_form.ts";
import { parseJson, writeJson } from "../../src/sql/codec/wire/exact_json.ts";
import { rawSql } from "../../src/sql/read/raw_sql.ts";
import { returnsRows } from "../../src/sql/driver/protocol/returns_rows.ts";
import { readUrl } from "../../src/sql/driver/read_url.ts";
import { lostNames } from "../../src/sql/migrations/file/destructive_names.ts";
import { textWithoutValues } from "../../src/sql/migrations/file/text_without_values.ts";
import { withoutStatementLiterals } from "../../src/sql/migrations/file/without_statement_literals.ts";
import { mayDiffer } from "../../src/sql/migrations/compare/volatile_default.ts";
import type { Field } from "../../src/model/field.ts";
import { parseExactJson } from "../../src/files/read/exact_json.ts";

/** A field over a column of some type. */
function fieldOf(sqlType: string): Field {
  return { name: "a", column: "a", type: { kind: "string" }, sqlType } as Field;
}

/** Reads a text, whatever is wrong with it. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  isConnectionText,
  withoutCredentials,
  withoutLiterals: (text) =>
    withoutLiterals(text, [{ text: "secret" }], new Set()),
  databaseText: (text) => databaseText("SQL", { URL: text }),
  usageError: (text) => usageError(text, [], () => []),
  permissionText,
  duplicateKeyError: (text) => duplicateKeyError(undefined, undefined, text),
  isTextType,
  castType: (text) => castType(fieldOf(text)),
  declaredForm: (text) => declaredForm(fieldOf(text)),
  parseJson,
  writeJson,
  returnsRows,
  rawSql: (text) => rawSql(text, false),
  readUrl: (text) => readUrl(text, "URL", []),
  lostNames,
  withoutStatementLiterals: (text) =>
    withoutStatementLiterals("no such role", text),
  mayDiffer,
  textWithoutValues: (text) => textWithoutValues()(text),
  printable,
  looksLikeDirective,
  parseExactJson,
  wholeRecords: (text) =>
    wholeRecords(text, { delimiter: ",", lineEnd: "\n" }, true),
  emptyTexts: (text) => emptyTexts([cellsOf(text)], text, ",", "\n"),
  ...Object.fromEntries(
    (["int64", "float64", "boolean", "date", "bytes"] as const).map((kind) => [
      kind,
      (text: string) => fromText({ kind })(text, () => {}),
    ]),
  ),
};

/** The values of a record. */
function cellsOf(text: string): string[] {
  return text.split(",").map((cell) => cell === '""' ? "" : cell);
}

/** The beginnings of texts. */
const STARTS = [
  ...[
    "",
    "select 1;",
    "create function begin atomic;",
    "text",
    "char",
    "1",
    "x ",
    "postgresql://",
    "a://b",
  ],
  ...[
    "index: ",
    "not authorized on ",
    "Key (",
    '"',
    "'",
    "$a$",
    "/*",
    "(",
    "[",
  ],
];
/** What they repeat. */
const PARTS = [
  ...["a", " ", "\n", "0", "'", '"', "(", ")", "[", "$a", "$", ".", ",", "-"],
  ...["/*", "*/", "/", ":", "://", "@", "?", "=", "{", "«", "„", "`", "1."],
  ...[
    "postgres",
    "postgres://",
    "index: a collation: ",
    "password ",
    "e'",
    ";",
    '"",',
    'a"',
    "a b ",
    "end ",
    "copy to ",
  ],
];

/** The lengths of short texts, and the beginnings of texts of this length. */
const LENGTHS: readonly (readonly [number, readonly string[]])[] = [
  [2_000, STARTS],
  [16_000, [""]],
];
/** How many times as long the long texts are. */
const TIMES = 8;

for (const [length, starts] of LENGTHS) {
  Deno.test(`no text of ${TIMES} times ${length} characters takes more than a time in proportion to its length`, () => {
    const slow: string[] = [];
    for (const [name, read] of Object.entries(READERS)) {
      for (const start of starts) {
        for (const part of PARTS) {
          const textOf = (length: number): string =>
            `${start}${part.repeat(length / part.length)}\u0001`;
          const long = textOf(length * TIMES);
          const time = timeOf(() => read(long), 1);
          if (time < 40) continue;
          const most = 30 * Math.max(5, timeOf(() => read(textOf(length)), 3));
          // One attempt is enough for a text that takes seconds.
          if (time < 10 * most && timeOf(() => read(long), 3) < most) continue;
          slow.push(
            `${name} of ${JSON.stringify(start)} and ${JSON.stringify(part)}`,
          );
        }
      }
    }
    assert.deepEqual(slow, []);
  });
}

/** Returns the least time of some attempts, in milliseconds of this process: others may delay it. */
function timeOf(work: () => unknown, attempts: number): number {
  let least = Infinity;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const start = cpuUsage();
    try {
      work();
    } catch {
      // A wrong text may be refused.
    }
    const { user, system } = cpuUsage(start);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}
