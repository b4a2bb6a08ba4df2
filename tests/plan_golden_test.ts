// What a plan writes for every rule, on both engines, and that it does what it says.
//   DBP_TEST_UPDATE=1 deno task test tests/plan_golden_test.ts   writes the expected texts again
import assert from "node:assert/strict";
import { test } from "./connected.ts";
import { CASES } from "./plan_cases.ts";
import { oracle } from "./plan_oracle.ts";
import { ON_SQL, onServer15 } from "./plan_place.ts";

const FILE = new URL("data/plan_golden.sql", import.meta.url);
const update = Deno.env.get("DBP_TEST_UPDATE") !== undefined;

/** The expected texts by case. */
const golden = new Map(
  (await Deno.readTextFile(FILE).catch(() => "")).split(/^-- # /m).slice(1)
    .map((part): [string, string] => {
      const end = part.indexOf("\n");
      return [part.slice(0, end), part.slice(end + 1).trim()];
    }),
);
const written = new Map<string, string>();

for (const engine of ON_SQL) {
  for (
    const [name, { old, next, rows = [], intent }] of Object.entries(CASES)
  ) {
    test(`${engine.name}: ${name}`, async () => {
      const { upText, downText } = await oracle(engine, old, next, {
        rows,
        ...intent === undefined ? {} : { intent },
      });
      const text = `${upText.trim()}\n\n-- back\n${downText.trim()}`;
      if (update) written.set(name, text);
      else assert.equal(text, golden.get(name));
    });
  }
}

for (const [name, { old, next, rows = [], intent }] of Object.entries(CASES)) {
  if (onServer15 === undefined) break;
  const engine = onServer15;
  test(`${engine.name}: ${name}`, async () => {
    const { upText } = await oracle(engine, old, next, {
      rows,
      ...intent === undefined ? {} : { intent },
    });
    assert.doesNotMatch(upText, /requires pg>=18|CONSTRAINT \S+ NOT NULL/);
    if (name === "a column is required") {
      assert.equal(upText.slice(upText.indexOf("-- dbp:step")), REQUIRED_15);
    }
  });
}

/** Before version 18 a rule of its own proves that there is no null. */
const REQUIRED_15 = `-- dbp:step
ALTER TABLE t ADD CONSTRAINT t_c_nn CHECK (c IS NOT NULL) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_c_nn;

-- dbp:step
ALTER TABLE t ALTER COLUMN c SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_c_nn;
`;

test("the expected texts", async () => {
  if (update) {
    const texts = Object.keys(CASES).map((name) =>
      `-- # ${name}\n${written.get(name) ?? golden.get(name) ?? ""}\n`
    );
    await Deno.writeTextFile(FILE, texts.join("\n"));
  } else assert.deepEqual([...golden.keys()], Object.keys(CASES));
});
