// The questions and refusals of a plan, its renames, and the objects that it leaves alone.
import { type AnyModel, MigrationError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import type {
  Intent,
  SchemaPlan,
} from "../../../../src/engine/migrations/mod.ts";
import { test } from "../../../support/connected.ts";
import { model, type Options } from "../../../support/plan_cases.ts";
import { managedOf, oracle } from "../../../support/plan_oracle.ts";
import {
  apply,
  embedded,
  EVERY_SQL,
  files,
  intent,
  NO_INTENT,
  ON_SQL,
} from "../../../support/plan_database.ts";

const id = z.int32();
const t = (fields: z.ZodRawShape = {}, options: Options = {}): AnyModel =>
  model("t", fields, { primaryKey: ["id"], ...options });
const u = model("u", {}, { primaryKey: ["id"] });
const ROW = "INSERT INTO t (id) VALUES (1)";
/** More rows than a table may have whose column types are changed in place. */
const MANY_ROWS =
  "INSERT INTO t (id, c) SELECT n, n FROM generate_series(2, 10002) AS n";

/** The plan from old models to new ones, after some statements. */
async function planned(
  old: readonly AnyModel[],
  next: readonly AnyModel[],
  { statements = [], wanted = NO_INTENT, managed = true }: {
    statements?: readonly string[];
    wanted?: Intent;
    managed?: boolean;
  } = {},
): Promise<SchemaPlan> {
  const place = await embedded.place();
  try {
    const from = await place.open(old);
    await from.createDb();
    for (const statement of statements) await place.run(statement);
    return await (await place.open(next)).migrations().plan({
      intent: wanted,
      managed: managed ? await managedOf(from) : [],
    });
  } finally {
    await place.close();
  }
}

test("a dropped column beside an added one raises a question, and the files are empty", async () => {
  const plan = await planned([t({ a: id.nullable() })], [
    t({ b: id.nullable(), c: id.nullable() }),
  ]);
  assert.deepEqual(plan.decisions.map(({ options }) => options), [
    ["--rename t.a=t.b", "--rename t.a=t.c", "--drop t.a"],
  ]);
  assert.deepEqual([plan.up.steps, plan.down.steps], [[], []]);
});

test("a file recommends a better type", async () => {
  const typed = (sqlType: string) => z.string().nullable().meta({ sqlType });
  const plan = await planned([t()], [t({
    a: z.date().nullable().meta({ sqlType: "timestamp" }),
    b: typed("char(3)"),
    c: z.json().nullable().meta({ sqlType: "json" }),
    d: typed("text"),
  })]);
  assert.deepEqual(plan.up.steps.flatMap(({ comments = [] }) => comments), [
    "Consider timestamp with time zone for t.a instead of timestamp without time zone: it identifies an instant.",
    "Consider text for t.b instead of character(3): it has no length limit and no trailing blanks.",
    "Consider jsonb for t.c instead of json: it can be compared and indexed.",
  ]);
});

test("a dropped table beside an added one raises a question", async () => {
  const plan = await planned([t()], [u]);
  assert.deepEqual(plan.decisions.map(({ options }) => options), [
    ["--rename t=u", "--drop t"],
  ]);
});

test("a dropped table or column raises a question if none is added", async () => {
  const old = [t({ a: id.nullable() }), u];
  const plan = await planned(old, [t()]);
  assert.deepEqual(plan.decisions, [
    {
      question: "Should u be dropped with all its data?",
      options: ["--drop u"],
    },
    {
      question: "Should t.a be dropped with all its data?",
      options: ["--drop t.a"],
    },
  ]);
  assert.deepEqual([plan.up.steps, plan.down.steps], [[], []]);
  const some = await planned(old, [t()], { wanted: intent({ drops: ["u"] }) });
  assert.deepEqual(some.decisions.map(({ options }) => options), [[
    "--drop t.a",
  ]]);
  const all = await planned(old, [t()], {
    wanted: intent({ drops: ["u", "t.a"] }),
  });
  assert.deepEqual(all.decisions, []);
  assert.deepEqual(all.up.destructive, ["drop-column t.a", "drop-table u"]);
});

for (
  const [wanted, message] of [
    [
      { drops: ["t.aa"] },
      /^Cannot use --drop t\.aa: neither .*did you mean t\.a\?$/,
    ],
    [
      { drops: ["tt"] },
      /^Cannot use --drop tt: neither the database nor a model has it/,
    ],
    [
      { defaults: { "t.bb": "1" } },
      /^Cannot use --default t\.bb: .*did you mean t\.b\?$/,
    ],
  ] as const
) {
  test(`an option with an unknown name is refused: ${message}`, async () => {
    await assert.rejects(
      planned([t({ a: id.nullable() })], [
        t({ a: id.nullable(), b: id.nullable() }),
      ], {
        wanted: intent({
          ..."drops" in wanted ? { drops: [...wanted.drops] } : wanted,
        }),
      }),
      (error) => {
        assert(error instanceof MigrationError);
        assert.equal(error.exitCode, 64);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

for (
  const [name, wanted] of [
    ["--rename t.a=t.b", intent({ renames: { "t.a": "t.b" } })],
    ["--drop t.a", intent({ drops: ["t.a"] })],
  ] as const
) {
  test(`${name} answers the question`, async () => {
    const { plan } = await oracle(
      embedded,
      [t({ a: id.nullable() })],
      [t({ b: id.nullable() })],
      { rows: [ROW], intent: wanted },
    );
    assert.deepEqual(
      plan.changes[0],
      name.startsWith("--rename")
        ? "rename the column t.a to b"
        : "add the column t.b (integer)",
    );
  });
}

test("--rename t=u renames a table", async () => {
  await oracle(embedded, [t()], [u], {
    rows: [ROW],
    intent: intent({ renames: { t: "u" } }),
  });
});

for (
  const [name, renames, message] of [
    [
      "no such column",
      { "t.aa": "t.b" },
      /no column t\.aa; did you mean t\.a\?/,
    ],
    [
      "no such field",
      { "t.a": "t.bb" },
      /no model has a column t\.bb; did you mean t\.b\?/,
    ],
    [
      "no such table",
      { tt: "t" },
      /the database has both|no table tt; did you mean t\?/,
    ],
  ] as const
) {
  test(`a rename of ${name} is refused with the nearest name`, async () => {
    await assert.rejects(
      planned([t({ a: id.nullable() }), u], [t({ b: id.nullable() }), u], {
        wanted: intent({
          renames: name === "no such table" ? { tt: "v" } : renames,
        }),
      }),
      name === "no such table" ? /no model has a table v/ : message,
    );
  });
}

test("a rename in the models changes nothing once it is done", async () => {
  const next = [t({ b: id.meta({ renamedFrom: "a" }) })];
  const plan = await planned(next, next);
  assert.deepEqual(plan.changes, []);
});

test("a required column without a value raises a question if the table has rows", async () => {
  const options = ["--default t.c=VALUE", ".nullable() in the model"];
  const added = await planned([t()], [t({ c: id })], { statements: [ROW] });
  assert.deepEqual(added.decisions.map(({ options }) => options), [options]);
  const required = await planned([t({ c: id.nullable() })], [t({ c: id })], {
    statements: [ROW],
  });
  assert.deepEqual(required.decisions.map(({ options }) => options), [options]);
});

test("a value that does not fit the type of the column is refused without being repeated", async () => {
  await assert.rejects(
    planned([t()], [t({ c: id })], {
      wanted: intent({ defaults: { "t.c": "hunter2" } }),
    }),
    (error: Error) =>
      /t\.c: the value given with --default does not fit its type, integer/
        .test(
          error.message,
        ) && !error.message.includes("hunter2"),
  );
});

test("unmanaged objects are reported and kept in both directions", async () => {
  const unmanaged = [
    "CREATE TABLE theirs (id integer)",
    "ALTER TABLE t ADD COLUMN theirs integer",
    "CREATE INDEX theirs_ix ON t (theirs)",
    "ALTER TABLE t ADD CONSTRAINT theirs_check CHECK (theirs > 0)",
  ];
  for (const engine of ON_SQL) {
    const { plan, upText } = await oracle(
      engine,
      [t({ c: id.nullable() }, { indexes: [{ fields: ["c"] }] })],
      [t({ c: id.nullable() })],
      { unmanaged },
    );
    assert.deepEqual(plan.unmanaged, [
      "theirs",
      "t.theirs",
      "t#theirs_check",
      "t#theirs_ix",
    ]);
    assert.ok(!upText.includes("theirs"), upText);
  }
});

test("without a history, nothing is dropped", async () => {
  const plan = await planned(
    [t({ c: id.nullable() }, { indexes: [{ fields: ["id", "c"] }] }), u],
    [t()],
    { managed: false },
  );
  assert.deepEqual([plan.changes, plan.unmanaged], [[], [
    "u",
    "t.c",
    "t#ix_t_id_c",
  ]]);
});

for (const name of ["t.night", "t#2"]) {
  test(`a model ${name} is not confused with an unmanaged table t when it is dropped or renamed`, async () => {
    const unmanaged = [
      "CREATE TABLE t (id integer, night integer)",
      "INSERT INTO t VALUES (1, 2)",
    ];
    const old = model(name, { a: id.nullable() }, { primaryKey: ["id"] });
    const { plan, upText } = await oracle(embedded, [old, u], [u], {
      unmanaged,
      intent: intent({ drops: [name] }),
    });
    assert.deepEqual([plan.changes, plan.unmanaged], [[
      `drop the table ${name}`,
    ], ["t"]]);
    assert.match(upText, new RegExp(`^DROP TABLE "${name}";$`, "m"));
    const next = model("moon.1", { b: id.nullable() }, { primaryKey: ["id"] });
    const renamed = await oracle(embedded, [old, u], [next, u], {
      unmanaged,
      intent: intent({
        renames: { [name]: "moon.1", "moon.1.a": "moon.1.b" },
      }),
    });
    assert.deepEqual(renamed.plan.unmanaged, ["t"]);
  });
}

test("a table is not confused with a column of the same name", async () => {
  const old = t({ night: id.nullable() });
  const plan = await planned([old], [old], {
    statements: ['CREATE TABLE "t.night" (id integer)'],
  });
  assert.deepEqual([plan.changes, plan.unmanaged], [[], ["t.night"]]);
});

test("rules that an administrator made under other names are neither made twice nor renamed", async () => {
  const plan = await planned([t({ c: id.nullable() })], [
    t({ c: id.nullable() }, {
      indexes: [{ fields: ["c"] }],
      unique: [["id", "c"]],
    }),
  ], {
    statements: [
      "CREATE INDEX theirs ON t (c)",
      "ALTER TABLE t ADD CONSTRAINT theirs_key UNIQUE (id, c)",
    ],
  });
  assert.deepEqual(plan.changes, []);
});

test("defaults with the same value are equal; a clock and a fixed time are different", async () => {
  const seen = (sqlDefault: string): AnyModel =>
    t({ c: z.date().nullable().meta({ sqlDefault }) });
  const same = await planned([seen("now()")], [seen("CURRENT_TIMESTAMP")]);
  assert.deepEqual(same.changes, []);
  const number = (sqlDefault: string): AnyModel =>
    t({ c: z.float64().nullable().meta({ sqlType: "numeric", sqlDefault }) });
  const padded = await planned([number("1.5")], [number("1.50")]);
  assert.deepEqual(padded.changes, []);
  const other = await planned([number("1.5")], [number("1.51")]);
  assert.equal(other.changes.length, 1);
});

test("defaults that have the same value by chance, or only now, are different", async () => {
  const truth = (sqlDefault: string): AnyModel =>
    t({ c: z.boolean().nullable().meta({ sqlDefault }) });
  for (
    const [old, next] of [
      ["random() < 2", "random() < 3"],
      ["now() > '2001-01-01'", "now() > '2002-01-01'"],
      ["true", "now() > '2001-01-01'"],
      ["(gen_random_uuid() IS NOT NULL)", "true"],
    ] as const
  ) {
    const { changes } = await planned([truth(old)], [truth(next)]);
    assert.equal(changes.length, 1, `${old} and ${next}`);
  }
});

const sql = (sqlType: string, type: z.ZodType = id): z.ZodType =>
  type.meta({ sqlType });
for (
  const [name, old, next, sketch] of [
    [
      "int to bigint",
      [t({ c: id })],
      [t({ c: z.int64() })],
      /ADD COLUMN c_new bigint[\s\S]*CREATE TRIGGER/,
    ],
    ["a serial column", [t()], [t({ c: sql("serial") })], /CREATE SEQUENCE/],
    [
      "an identity",
      [t()],
      [t({ c: sql("integer generated by default as identity") })],
      /AS IDENTITY/,
    ],
    [
      "a stored column",
      [t()],
      [t({ c: sql("integer generated always as (id + 1) stored") })],
      /VIRTUAL/,
    ],
    [
      "another number of partitions",
      [t({}, { partitionBy: { hash: "id", partitions: 2 } })],
      [t({}, { partitionBy: { hash: "id", partitions: 3 } })],
      /PARTITION BY HASH \(id\)[\s\S]*INSERT INTO t_new/,
    ],
    [
      "a key of a partitioned table",
      [t({ c: id }, { partitionBy: { hash: "id", partitions: 2 } })],
      [t({ c: id }, {
        unique: [["id", "c"]],
        partitionBy: { hash: "id", partitions: 2 },
      })],
      /ALTER TABLE ONLY t ADD[\s\S]*ATTACH PARTITION/,
    ],
    [
      "a key that foreign keys refer to",
      [t({ c: id }, { primaryKey: ["id"] }), refers()],
      [t({ c: id }, { primaryKey: ["id", "c"], unique: [["id"]] }), refers()],
      /DROP CONSTRAINT u_t_id_fkey/,
    ],
  ] as const
) {
  // A column that the server fills is generated for an empty table.
  const isFilled = ["a serial column", "an identity", "a stored column"]
    .includes(name);
  test(`${name} is refused with a sketch, and the other changes are generated`, async () => {
    const place = await embedded.place();
    const from = await place.open(old);
    await from.createDb();
    if (isFilled) await place.run(ROW);
    if (name === "int to bigint") await place.run(MANY_ROWS);
    const managed = await managedOf(from);
    const more = model("more", {}, { primaryKey: ["id"] });
    const db = await place.open([...next, more]);
    const target = db.migrations();
    const plan = await target.plan({ intent: NO_INTENT, managed });
    assert.equal(plan.refused.length, 1, JSON.stringify(plan));
    assert.match(plan.refused[0]?.sketch ?? "", sketch);
    const { up, down } = files(db, plan);
    await target.prove(up, down, { intent: NO_INTENT, managed });
    await place.close();
  });
}

test("the sketch of another type breaks no lint rule, and the remaining changes can be generated", async () => {
  const place = await embedded.place();
  const from = await place.open([t({ c: z.string() })]);
  await from.createDb();
  const managed = await managedOf(from);
  await place.run("INSERT INTO t (id, c) VALUES (1, '7')");
  const target = (await place.open([t({ c: z.int64() })])).migrations();
  const [refused] = (await target.plan({ intent: NO_INTENT, managed })).refused;
  const script = target.dialect.parse(refused?.sketch ?? "", "sketch");
  assert.deepEqual(target.dialect.lint(script, "up"), []);
  await apply(place, script);
  assert.deepEqual(
    (await target.plan({ intent: NO_INTENT, managed })).changes,
    [],
  );
  assert.deepEqual(await place.run("SELECT c FROM t"), [["7"]]);
  await place.close();
});

test("the sketch of another number of partitions runs beside the existing table", async () => {
  const split = (partitions: number): AnyModel =>
    t({}, { partitionBy: { hash: "id", partitions } });
  const place = await embedded.place();
  const from = await place.open([split(2)]);
  await from.createDb();
  const managed = await managedOf(from);
  const target = (await place.open([split(3)])).migrations();
  const [refused] = (await target.plan({ intent: NO_INTENT, managed })).refused;
  const sketch = refused?.sketch.replace(/^INSERT.*$/m, "") ?? "";
  await apply(place, target.dialect.parse(sketch, "sketch"));
  const plan = await target.plan({ intent: NO_INTENT, managed });
  assert.deepEqual(
    plan.refused.filter(({ change }) =>
      change.startsWith("change the partitioning")
    ),
    [],
  );
  await place.close();
});

function refers(): AnyModel {
  return model("u", { t_id: id.nullable() }, {
    primaryKey: ["id"],
    foreignKeys: [{
      fields: ["t_id"],
      references: { table: "t", fields: ["id"] },
    }],
  });
}

test("a column that a view uses is not dropped", async () => {
  const plan = await planned([t({ c: id.nullable() })], [t()], {
    statements: ["CREATE VIEW bright AS SELECT c FROM t"],
  });
  assert.match(
    plan.refused[0]?.change ?? "",
    /drop the column t\.c: the view bright uses it/,
  );
});

test("a file that does not match the models fails the proof", async () => {
  const place = await embedded.place();
  const from = await place.open([t()]);
  await from.createDb();
  const managed = await managedOf(from);
  const db = await place.open([t({ c: id.nullable(), d: id.nullable() })]);
  const { dialect, prove } = db.migrations();
  const options = { intent: NO_INTENT, managed };
  const script = (text: string) => dialect.parse(text, "x.sql");
  const both = "ALTER TABLE t ADD c int; ALTER TABLE t ADD d int";
  await assert.rejects(
    prove(script("ALTER TABLE t ADD c int"), undefined, options),
    /does not make all changes\. It leaves:\s+add the column t\.d/,
  );
  await assert.rejects(
    prove(script(both), script("ALTER TABLE t DROP c"), options),
    /down migration does not restore the original state/,
  );
  await assert.rejects(
    prove(script("ALTER TABLE t ADD e nonsense"), undefined, options),
    /Step 1 of the up migration, line 1, fails[\s\S]*ALTER TABLE t ADD e nonsense/,
  );
  await prove(
    script(both),
    script("ALTER TABLE t DROP c; ALTER TABLE t DROP d"),
    options,
  );
  await place.close();
});

test("a missing partition is created and attached, and an invalid index is rebuilt", async () => {
  for (const engine of EVERY_SQL) {
    const models = [
      t({}, { partitionBy: { hash: "id", partitions: 2 } }),
      model("v", {}, {
        primaryKey: ["id"],
        indexes: [{ name: "v_ix", fields: ["id"] }],
      }),
    ];
    const place = await engine.place();
    const db = await place.open(models);
    await db.createDb();
    await place.run("drop table t_part_1");
    await place.run(
      "update pg_index set indisvalid = false where indexrelid = 'v_ix'::regclass",
    );
    const managed = await managedOf(db);
    const target = db.migrations();
    const options = { intent: NO_INTENT, managed };
    const plan = await target.plan(options);
    const { up, down, upText, downText } = files(db, plan);
    await target.prove(up, down, options);
    assert.match(
      upText,
      /LIKE t INCLUDING ALL[\s\S]*ATTACH PARTITION t_part_1 FOR VALUES[\s\S]*CREATE INDEX CONCURRENTLY v_ix/,
    );
    // The runner drops invalid indexes.
    await place.run("drop index v_ix");
    const before = await db.migrations().fingerprint();
    await apply(place, up);
    assert.deepEqual((await target.plan(options)).changes, []);
    // PGlite has a single session and cannot detach CONCURRENTLY.
    if (engine !== embedded) {
      assert.match(downText, /DETACH PARTITION t_part_1 CONCURRENTLY/);
      await apply(place, down);
      assert.equal(await db.migrations().fingerprint(), before);
      assert.deepEqual(
        await place.run("select to_regclass('t_part_1')"),
        [["null"]],
      );
      await apply(place, up);
      assert.deepEqual((await target.plan(options)).changes, []);
    }
    await place.close();
  }
});

test("a name that the server would cut is refused; a generated name is cut and stays unique", async () => {
  const long = "n".repeat(64);
  await assert.rejects(
    planned([t()], [
      t({ c: id }, { indexes: [{ name: long, fields: ["c"] }] }),
    ]),
    /the name n{64} has 64 bytes/,
  );
  const wide = "c".repeat(60);
  await oracle(embedded, [t({ [wide]: id })], [
    t({ [wide]: id }, { unique: [[wide]], indexes: [{ fields: [wide] }] }),
  ]);
});

for (
  const [options, reason] of [
    [
      { indexes: [{ fields: ["id"], where: "id > 1; DROP TABLE t; --" }] },
      "the condition of the index ix_t_id is not an SQL expression, because it contains a ;",
    ],
    [
      { indexes: [{ fields: [{ sql: "id; --" }], name: "i" }] },
      "the part of the index i is not an SQL expression, because it contains a ;",
    ],
    [
      { checks: [{ name: "k", sql: "id > 1), CHECK (id > 2" }] },
      "the check k is not an SQL expression, because it has a ) without a (",
    ],
    [
      { checks: [{ name: "k", sql: "(id > 1" }] },
      "the check k is not an SQL expression, because it has a ( without a )",
    ],
    [
      { checks: [{ name: "k", sql: "/* all */" }] },
      "the check k is not an SQL expression, because it is empty",
    ],
  ] as const
) {
  test(`SQL of a model cannot end its statement: ${JSON.stringify(options)}`, async () => {
    await assert.rejects(planned([t()], [t({}, options)]), (error) => {
      assert(error instanceof MigrationError, String(error));
      assert.equal(error.message, `Cannot plan t: ${reason}`);
      assert.equal(error.exitCode, 4);
      return true;
    });
  });
}

test("a default cannot end its statement, and may contain any text", async () => {
  const column = (sqlDefault: string) => [t({ a: id.meta({ sqlDefault }) })];
  await assert.rejects(
    planned([t()], column("1); DROP TABLE t; --")),
    /Cannot plan t: the default of a is not an SQL expression, because it has a \) without a \(/,
  );
  const { refused, up } = await planned([t()], column("length('); (')"));
  assert.deepEqual([refused, up.steps.length > 0], [[], true]);
});

test("carriage returns in texts of models are preserved", async () => {
  const description = "one\r\ntwo\\three";
  const { upText } = await oracle(embedded, [t()], [
    t({ a: z.string().default("it's\r").meta({ description }) }),
  ], { rows: [ROW] });
  assert.match(upText, /DEFAULT E'it''s\\r' NOT NULL/);
  assert.match(upText, /IS E'one\\r\ntwo\\\\three';/);
});

test("a table with more columns than the server allows, dropped ones included, is refused", async () => {
  const wide = (from: number, to: number): AnyModel =>
    t(Object.fromEntries(
      Array.from({ length: to - from }, (_, n) => [`c${from + n}`, id]),
    ));
  await assert.rejects(planned([], [wide(0, 1600)]), (error) => {
    assert(error instanceof MigrationError, String(error));
    assert.match(error.message, /^Cannot plan t: it has 1601 columns/);
    assert.equal(error.exitCode, 4);
    return true;
  });
  const plan = await planned([wide(0, 1598)], [wide(1, 1600)], {
    statements: ["ALTER TABLE t DROP COLUMN c0"],
  });
  assert.deepEqual(plan.refused.map(({ change }) => change.slice(0, 51)), [
    "add the column t.c1598: t has had 1599 columns, and",
    "add the column t.c1599: t has had 1599 columns, and",
  ]);
  const some = await planned([wide(0, 1598)], [wide(1, 1599)], {
    statements: ["ALTER TABLE t DROP COLUMN c0"],
  });
  assert.deepEqual(some.refused, []);
});

test("two models of one table are refused, and an empty list of models changes nothing", async () => {
  await assert.rejects(
    planned([], [t(), t({ c: id })]),
    /two models have the name t/,
  );
  const { changes, up } = await planned([], []);
  assert.deepEqual([changes, up.steps], [[], []]);
});

test("names of 63 bytes are renamed", async () => {
  const name = (letter: string) => letter.repeat(63);
  const of = (table: string, column: string) =>
    model(table, { [column]: id, d: id }, {
      primaryKey: ["id"],
      indexes: [{ fields: [column] }],
      unique: [["d"]],
    });
  const { plan } = await oracle(
    embedded,
    [of(name("a"), name("b"))],
    [of(name("c"), name("é").slice(0, 31))],
    {
      intent: intent({
        renames: {
          [name("a")]: name("c"),
          [`${name("a")}.${name("b")}`]: `${name("c")}.${
            name("é").slice(0, 31)
          }`,
        },
      }),
    },
  );
  assert.equal(
    plan.changes.filter((change) => change.startsWith("rename the ")).length,
    5,
  );
});

for (
  const [name, next, primaryKey] of [
    ["dropped", id.nullable(), ["id"]],
    ["validated", id, ["id"]],
    ["validated for a primary key", id, ["id", "c"]],
  ] as const
) {
  test(`a NOT NULL constraint that is not validated is ${name}, and restored`, async () => {
    const place = await embedded.place();
    try {
      const from = await place.open([t({ c: id.nullable() })]);
      await from.createDb();
      await place.run(ROW.replace("(id) VALUES (1", "(id, c) VALUES (1, 2"));
      await place.run("ALTER TABLE t ADD CONSTRAINT n NOT NULL c NOT VALID");
      const managed = await managedOf(from);
      const db = await place.open([t({ c: next }, { primaryKey })]);
      const target = db.migrations();
      const plan = await target.plan({ intent: NO_INTENT, managed });
      const { up, down } = files(db, plan);
      await target.prove(up, down, { intent: NO_INTENT, managed });
      const before = await target.fingerprint();
      await apply(place, up);
      assert.notEqual(await target.fingerprint(), before);
      await apply(place, down);
      assert.equal(await target.fingerprint(), before);
    } finally {
      await place.close();
    }
  });
}
