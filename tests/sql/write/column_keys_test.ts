// Keys that differ in JavaScript and are one value to their column.
import { z } from "zod";
import { ON_SERVERS, testTables } from "../../support/made_tables.ts";
import {
  assertOneKey,
  type KeyKind,
  keyModels,
  keyTables,
} from "../../support/one_key.ts";

const date = (text: string) => new Date(text);

/** The column type, the field, and two values that are one value to the column. */
const KEYS: readonly [string, KeyKind, unknown, unknown][] = [
  ["date", z.date(), date("2024-05-01T03:00Z"), date("2024-05-01T21:00Z")],
  ["numeric(10,2)", z.float64(), 1.001, 1.002],
  ["numeric(6,-2)", z.float64(), 101, 149],
  ["char(8)", z.string(), "ab", "ab  "],
  ["varchar(8)", z.string(), "12345678", "12345678  "],
  [
    "timestamptz(0)",
    z.date(),
    date("2024-05-01T03:00:00.100Z"),
    date("2024-05-01T03:00:00.200Z"),
  ],
  [
    "timestamp(1)",
    z.date(),
    date("2024-05-01T03:00:00.110Z"),
    date("2024-05-01T03:00:00.120Z"),
  ],
  ["real", z.float64(), 0.1, 0.10000000001],
  ["inet", z.string(), "::1", "0:0:0:0:0:0:0:1"],
  ["interval", z.string(), "24:00:00", "1 day"],
  [
    "uuid",
    z.string(),
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
  ],
  ["money_text", z.string(), "12345678", "12345678   "],
  ["text collate nocase", z.string(), "ZTF18a", "ztf18A"],
];

for (const isDeclared of [true, false]) {
  for (const [type, kind, one, two] of KEYS) {
    // A filter takes an undeclared column as timestamptz.
    if (type === "date" && !isDeclared) continue;
    const models = keyModels(kind, isDeclared ? { sqlType: type } : {});
    testTables(
      `all writes agree on keys of ${type}${
        isDeclared ? "" : " that the model does not declare"
      }`,
      models,
      [
        "create domain money_text as varchar(8)",
        "create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        ...keyTables(type),
      ],
      // A read does not ask the server for the types of columns and domains.
      (place) =>
        assertOneKey(
          place,
          models,
          [one, two],
          isDeclared && type !== "money_text",
        ),
      // PGlite has ICU without the rules of languages.
      type.endsWith("nocase") ? ON_SERVERS : undefined,
    );
  }
}
