// Changes of how the server fills a column that are refused: each sketch passes the lint, runs on a table with rows, and makes the models match.
import {
  type AnyModel,
  generatedAs,
  identity,
  serial,
  serverDefault,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import { model } from "../../../support/plan_cases.ts";
import { managedOf } from "../../../support/plan_oracle.ts";
import {
  apply,
  embedded,
  NO_INTENT,
  type Places,
  SERVERS,
} from "../../../support/plan_database.ts";

const id = z.int32();
const t = (fields: z.ZodRawShape = {}): AnyModel =>
  model("t", fields, { primaryKey: ["id"] });
const ROWS = "INSERT INTO t (id) SELECT generate_series(1, 30)";
const doubled = (stored = true) =>
  t({ c: generatedAs(id.nullable(), "id * 2", { stored }) });
const tripled = t({ c: generatedAs(id.nullable(), "id * 3") });
const STORED: readonly (readonly [string, AnyModel, AnyModel, RegExp])[] = [
  [
    "a new serial column",
    t(),
    t({ c: serial(id) }),
    /^add the column t\.c, whose values come from a sequence: the server would rewrite/,
  ],
  [
    "a new identity",
    t(),
    t({ c: identity(z.int64(), { always: true }) }),
    /^add the column t\.c, whose values come from a sequence: the server would rewrite/,
  ],
  [
    "a new stored column",
    t(),
    doubled(),
    /^add the column t\.c, a stored generated column: the server would rewrite/,
  ],
  [
    "another expression of a stored column",
    doubled(),
    tripled,
    /^change the type of t\.c from integer GENERATED ALWAYS AS \(\(id \* 2\)\) STORED to .* \* 3\)\) STORED: the server would rewrite/,
  ],
  [
    "a plain column that becomes a stored one",
    t({ c: id.nullable() }),
    tripled,
    /: the server can compute only a new column$/,
  ],
  [
    "a stored column that becomes a plain one",
    doubled(),
    t({ c: id.nullable() }),
    /: a down migration could not compute it again$/,
  ],
];

async function sketched(
  engine: Places,
  old: AnyModel,
  next: AnyModel,
  reason: RegExp,
): Promise<void> {
  const place = await engine.place();
  try {
    const from = await place.open([old]);
    await from.createDb();
    await place.run(ROWS);
    const managed = await managedOf(from);
    const db = await place.open([next]);
    const target = db.migrations();
    const [refused] =
      (await target.plan({ intent: NO_INTENT, managed })).refused;
    assert.match(refused?.change ?? "", reason);
    const script = target.dialect.parse(refused?.sketch ?? "", "sketch");
    assert.deepEqual(target.dialect.lint(script, "up"), []);
    await apply(place, script);
    assert.deepEqual(
      (await target.plan({ intent: NO_INTENT, managed })).changes,
      [],
    );
    assert.deepEqual(await place.run("SELECT count(*) FROM t"), [["30"]]);
    await place.run("INSERT INTO t (id) VALUES (99)");
    assert.equal((await db.createDb({ verify: true })).created.length, 0);
  } finally {
    await place.close();
  }
}

for (const engine of SERVERS) {
  for (const [name, old, next, reason] of STORED) {
    test(`${engine.name}: the sketch of ${name} runs`, () =>
      sketched(engine, old, next, reason));
  }
}

test("the sketches of virtual columns run", async () => {
  const plain = t({ c: id.nullable() });
  await sketched(embedded, plain, doubled(false), /only a new column$/);
  await sketched(embedded, doubled(false), plain, /stores no values of it$/);
  await sketched(embedded, doubled(false), doubled(), /only a new column$/);
  await sketched(embedded, doubled(), doubled(false), /only a new column$/);
});

test("a nullable number must be NOT NULL before it becomes an identity", async () => {
  const place = await embedded.place();
  const from = await place.open([t({ c: z.int64().nullable() })]);
  await from.createDb();
  const managed = await managedOf(from);
  const target = (await place.open([t({ c: identity(z.int64()) })]))
    .migrations();
  const plan = await target.plan({ intent: NO_INTENT, managed });
  assert.match(plan.refused[0]?.change ?? "", /: it must be NOT NULL first$/);
  await place.run("ALTER TABLE t ALTER c SET NOT NULL");
  const next = await target.plan({ intent: NO_INTENT, managed });
  assert.deepEqual(next.refused, []);
  await place.close();
});

test("another expression of a virtual column is generated", async () => {
  const place = await embedded.place();
  const from = await place.open([doubled(false)]);
  await from.createDb();
  const managed = await managedOf(from);
  const target = (await place.open([
    t({ c: generatedAs(id.nullable(), "id * 3", { stored: false }) }),
  ])).migrations();
  const { up, refused } = await target.plan({ intent: NO_INTENT, managed });
  assert.deepEqual(refused, []);
  assert.deepEqual(
    [up.requires, up.steps.flatMap(({ statements }) => statements)],
    [["pg>=18"], [
      "ALTER TABLE t ALTER COLUMN c SET EXPRESSION AS ((id * 3))",
    ]],
  );
  await place.close();
});

test("the sequence of a default becomes that of a serial column, and back", async () => {
  const place = await embedded.place();
  await place.run("CREATE SEQUENCE numbers");
  const loose = t({ c: serverDefault(id, "nextval('numbers')") });
  const from = await place.open([loose]);
  await from.createDb();
  const managed = await managedOf(from);
  const target = (await place.open([t({ c: serial(id) })])).migrations();
  const { up, down } = await target.plan({ intent: NO_INTENT, managed });
  const [forward, back] = [up, down].map(({ steps }) =>
    steps.flatMap(({ statements }) => statements)
  );
  assert.deepEqual([forward, back], [
    ["ALTER SEQUENCE numbers OWNED BY t.c"],
    ["ALTER SEQUENCE numbers OWNED BY NONE"],
  ]);
  await place.run("ALTER SEQUENCE numbers OWNED BY t.c");
  assert.deepEqual(
    (await target.plan({ intent: NO_INTENT, managed })).changes,
    [],
  );
  // The default that takes the numbers of the column's own sequence is the same.
  assert.deepEqual(
    (await from.migrations().plan({ intent: NO_INTENT, managed })).changes,
    [],
  );
  await place.close();
});
