// The files for each kind of change, on each engine, and their effect.
//   DBP_TEST_UPDATE=1 deno task test tests/sql/migrations/plan/golden_test.ts   rewrites the expected files
import assert from "node:assert/strict";
import { test } from "../../../support/connected.ts";
import { CASES } from "../../../support/plan_cases.ts";
import { oracle } from "../../../support/plan_oracle.ts";
import {
  APART,
  EVERY_SQL,
  NEWEST_SQL,
  onServer15,
  type Places,
} from "../../../support/plan_database.ts";

const FILE = new URL("../../../data/plan_golden.sql", import.meta.url);
const update = Deno.env.get("DBP_TEST_UPDATE") !== undefined;

/** The expected files by case. */
const golden = new Map(
  (await Deno.readTextFile(FILE).catch(() => "")).split(/^-- # /m).slice(1)
    .map((part): [string, string] => {
      const end = part.indexOf("\n");
      return [part.slice(0, end), part.slice(end + 1).trim()];
    }),
);
const written = new Map<string, string>();

/**
 * Whether an older server treats the objects of a case in another way: it
 * names no NOT NULL constraint, and a partitioned table has no foreign key that
 * is NOT VALID.
 */
function isByVersion(engine: Places, name: string): boolean {
  return engine === onServer15 &&
    /NOT NULL|partition|primary key|foreign key|renamed with all/.test(name);
}

// The same file must run on every version, because a file made with PGlite may be applied to an older server.
for (const engine of EVERY_SQL) {
  for (
    const [name, { old, next, rows = [], intent, apart }] of Object
      .entries(CASES)
  ) {
    if (!NEWEST_SQL.includes(engine) && !isByVersion(engine, name)) continue;
    const at = apart === true
      ? APART.find((other) => other.name === engine.name) ?? engine
      : engine;
    test(`${engine.name}: ${name}`, async () => {
      const { upText, downText } = await oracle(at, old, next, {
        rows,
        ...intent === undefined ? {} : { intent },
      });
      const text = `${upText.trim()}\n\n-- down\n${downText.trim()}`;
      if (update) written.set(name, text);
      else assert.equal(text, golden.get(name));
    });
  }
}

test("every case has expected files, and no others exist", async () => {
  if (update) {
    const texts = Object.keys(CASES).map((name) =>
      `-- # ${name}\n${written.get(name) ?? golden.get(name) ?? ""}\n`
    );
    await Deno.writeTextFile(FILE, texts.join("\n"));
  } else assert.deepEqual([...golden.keys()], Object.keys(CASES));
});
