// SQL files of migrations: what is read from them, what is refused, and how they are written.
import { MigrationError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { byNearness } from "../../../../src/base/nearest.ts";
import { RULES } from "../../../../src/sql/migrations/file/rules.ts";
import fc from "fast-check";
import type { Draft, Script } from "../../../../src/engine/migrations/mod.ts";
import {
  concurrent,
  withoutConcurrently,
} from "../../../../src/sql/migrations/file/concurrent_statements.ts";
import { sqlDialect } from "../../../../src/sql/migrations/dialect.ts";
import { property } from "../../../support/arbitraries.ts";

const STEPS = `\ufeff-- A comment.
-- dbp:requires pg>=14
-- dbp:destructive drop-column object.stellar
-- dbp:ignore rename nobody reads it
-- dbp:step lock_timeout=2s statement_timeout=30s
ALTER TABLE detection ADD CONSTRAINT detection_rb_nn CHECK (rb IS NOT NULL) NOT VALID;
UPDATE object -- the rest
   SET a = 'it''s;' WHERE a IS NULL;

-- dbp:step statement_timeout=1h
ALTER TABLE detection VALIDATE CONSTRAINT detection_rb_nn;
  -- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_detection_rb ON detection (rb);
-- dbp:step repeat
UPDATE t SET c = 0 WHERE ctid IN (SELECT ctid FROM t WHERE c IS NULL LIMIT 10000)`;

function read(text: string): Script {
  return sqlDialect.parse(text, "a.up.sql");
}

Deno.test("the steps of a file are read with their limits, statements and lines", () => {
  const { steps, checksum, ...whole } = read(STEPS);
  assert.match(checksum, /^[0-9a-f]{64}$/);
  assert.deepEqual(whole, {
    destructive: ["drop-column object.stellar"],
    irreversible: undefined,
    ignored: [{ rule: "rename", why: "nobody reads it" }],
    requires: ["pg>=14"],
  });
  const step = {
    transaction: true,
    repeat: false,
    lockTimeout: undefined,
    statementTimeout: undefined,
  };
  assert.deepEqual(steps.map(({ title }) => title.slice(0, 12)), [
    "ALTER TABLE ",
    "ALTER TABLE ",
    "CREATE INDEX",
    "UPDATE t SET",
  ]);
  assert.deepEqual(steps.map(({ hash: _, title: __, ...rest }) => rest), [
    {
      ...step,
      lockTimeout: 2000,
      statementTimeout: 30_000,
      statements: [
        "ALTER TABLE detection ADD CONSTRAINT detection_rb_nn CHECK (rb IS NOT NULL) NOT VALID",
        "UPDATE object -- the rest\n   SET a = 'it''s;' WHERE a IS NULL",
      ],
      lines: [6, 7],
      line: 5,
    },
    {
      ...step,
      statementTimeout: 3_600_000,
      statements: ["ALTER TABLE detection VALIDATE CONSTRAINT detection_rb_nn"],
      lines: [11],
      line: 10,
    },
    {
      ...step,
      transaction: false,
      lockTimeout: 0,
      statementTimeout: 7_200_000,
      statements: [
        "CREATE INDEX CONCURRENTLY ix_detection_rb ON detection (rb)",
      ],
      lines: [13],
      line: 12,
    },
    {
      ...step,
      repeat: true,
      statements: [
        "UPDATE t SET c = 0 WHERE ctid IN (SELECT ctid FROM t WHERE c IS NULL LIMIT 10000)",
      ],
      lines: [15],
      line: 14,
    },
  ]);
});

Deno.test("a file without directives is one transaction", () => {
  const { steps } = read("\nCREATE TABLE a (b int);\n-- two\nSELECT 2;\n");
  assert.deepEqual(
    steps.map(({ transaction, statements, line }) => [
      transaction,
      statements,
      line,
    ]),
    [[true, ["CREATE TABLE a (b int)", "SELECT 2"], 2]],
  );
});

Deno.test("statements before the first directive are a step", () => {
  const { steps } = read("SELECT 1;\n-- dbp:step\nSELECT 2;");
  assert.deepEqual(steps.map(({ statements }) => statements), [
    ["SELECT 1"],
    ["SELECT 2"],
  ]);
});

Deno.test("a file with only dbp:irreversible has no steps", () => {
  const { steps, irreversible } = read("-- dbp:irreversible rows are gone\n");
  assert.deepEqual([steps, irreversible], [[], "rows are gone"]);
});

Deno.test("an empty file of either direction is read and has no steps", () => {
  for (const direction of ["up", "down"] as const) {
    assert.deepEqual(read(sqlDialect.empty(direction)), read(""));
  }
});

const BASE = `-- dbp:ignore rename why not
-- dbp:ignore alter-type it is wider
-- dbp:step lock_timeout=60s
CREATE TABLE "Obj" (a_b text DEFAULT 'X', c double precision CHECK (c<-1), d int);
UPDATE é SET f=E'\\n' WHERE g->>'h'='1e5' AND i = 1E5;
`;

/** The same file in other spellings. */
const SAME: Readonly<Record<string, string>> = {
  "Windows line ends": BASE.replaceAll("\n", "\r\n"),
  "old Macintosh line ends": BASE.replaceAll("\n", "\r"),
  "no last semicolon": BASE.trimEnd().slice(0, -1),
  "extra semicolons": BASE.replaceAll(";", ";\n;;"),
  "comments in between": BASE.replaceAll(" (", "/* a;b */ -- c\n("),
  "other white space": BASE.replace("CREATE TABLE", "CREATE\n\tTABLE")
    .replace("f=E", "f = E").replace("<-1", " < - 1").replace("->>", " ->> "),
  "keywords in lower case": BASE.replace(/CREATE TABLE/, "create table")
    .replace("UPDATE", "update").replace("1E5", "1e5").replace("E'", "e'"),
  "a synonym in a directive": BASE.replace(
    "step lock_timeout=60s",
    "step  tx=auto   lock_timeout=1m",
  ),
  "another order of directives": BASE.replace(
    /(.*\n)(.*\n)/,
    "$2$1",
  ),
  "directives at another place": BASE.replace(
    "-- dbp:ignore rename why not\n",
    "",
  ) +
    "\n   --  dbp:ignore rename why not",
};

/** Files with another meaning. */
const OTHER: Readonly<Record<string, string>> = {
  "the case of a string": BASE.replace("'X'", "'x'"),
  "white space in a string": BASE.replace("'X'", "'X '"),
  "the case of a quoted name": BASE.replace('"Obj"', '"obj"'),
  "a name without its quotes": BASE.replace('"Obj"', "Obj"),
  "the case of letters that the server does not fold": BASE.replace("é", "É"),
  "the kind of a string": BASE.replace("E'", "'"),
  "two names instead of one": BASE.replace("a_b", "a b"),
  "one operator instead of two": BASE.replace("c<-1", "c<@1"),
  "the order of statements": BASE.replace(
    /(CREATE[^]*;\n)(UPDATE[^]*;\n)/,
    "$2$1",
  ),
  "a limit": BASE.replace("60s", "61s"),
  "no limit": BASE.replace(" lock_timeout=60s", ""),
  "another ignored rule": BASE.replace("rename", "reindex"),
  "another step": BASE.replace("UPDATE", "-- dbp:step\nUPDATE"),
  "a destructive line": `-- dbp:destructive x\n${BASE}`,
};

for (const [name, text] of Object.entries(SAME)) {
  Deno.test(`the checksum stays the same with ${name}`, () => {
    assert.notEqual(text, BASE);
    assert.equal(read(text).checksum, read(BASE).checksum);
  });
}

for (const [name, text] of Object.entries(OTHER)) {
  Deno.test(`the checksum changes with ${name}`, () => {
    assert.notEqual(text, BASE);
    assert.notEqual(read(text).checksum, read(BASE).checksum);
  });
}

Deno.test("the hash of a step depends on its statements, not on its limits or the rest of the file", () => {
  const hashes = (text: string): string[] =>
    read(text).steps.map(({ hash }) => hash);
  const [one, two] = hashes("SELECT 1;\n-- dbp:step\nDELETE FROM t;");
  assert.deepEqual(
    hashes("-- dbp:step lock_timeout=0\n-- x\ndelete from t;"),
    [two],
  );
  assert.notEqual(one, two);
  assert.notEqual(hashes("-- dbp:step tx=none\nSELECT 1")[0], one);
  assert.notEqual(hashes("-- dbp:step repeat\nDELETE FROM t")[0], two);
});

Deno.test("line ends inside a string are the same on every system", () => {
  assert.deepEqual(
    read("SELECT 'a\r\nb'").steps[0]?.statements,
    ["SELECT 'a\nb'"],
  );
});

const CONTROL =
  "is not allowed in a file: each step is a transaction, and dbp:step begins the next one";
const ALONE =
  "cannot run in a transaction; write -- dbp:step tx=none before it";

const REFUSED: readonly (readonly [string, string])[] = [
  ["SELECT 1;\nBEGIN;", `2: BEGIN ${CONTROL}`],
  ["begin transaction", `1: BEGIN ${CONTROL}`],
  ["SELECT 1;\n\n  commit;", `3: COMMIT ${CONTROL}`],
  ["START TRANSACTION", `1: START TRANSACTION ${CONTROL}`],
  ["END", `1: END ${CONTROL}`],
  ["ROLLBACK TO a", `1: ROLLBACK ${CONTROL}`],
  ["ABORT", `1: ABORT ${CONTROL}`],
  ["SAVEPOINT a", `1: SAVEPOINT ${CONTROL}`],
  ["RELEASE a", `1: RELEASE ${CONTROL}`],
  ["PREPARE TRANSACTION 'a'", `1: PREPARE TRANSACTION ${CONTROL}`],
  ["-- dbp:step tx=none\nCOMMIT PREPARED 'a'", `2: COMMIT ${CONTROL}`],
  [
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    `1: SET TRANSACTION ${CONTROL}`,
  ],
  [
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    `1: SET SESSION CHARACTERISTICS ${CONTROL}`,
  ],
  [
    "SET search_path = a",
    "1: the effect of SET outlives the step; write SET LOCAL",
  ],
  [
    "set session role to a",
    "1: the effect of SET outlives the step; write SET LOCAL",
  ],
  ["RESET ALL", "1: the effect of RESET outlives the step"],
  [
    "SELECT 1;\nSELECT pg_catalog.set_config('search_path', f('a', 'b'), false)",
    "2: the effect of set_config(…, false) outlives the step; write set_config(…, true)",
  ],
  ...["INSERT INTO t VALUES (1)", "WITH a AS (SELECT 1) DELETE FROM t"].map((
    text,
  ): [string, string] => [
    `-- dbp:step tx=none\n${text}`,
    `2: ${
      text.split(" ")[0]
    } in a step with tx=none could run twice, because a run may end before it records the step; remove tx=none, or write -- dbp:step repeat to change rows in batches`,
  ]),
  [
    "SELECT 1;\r\nSELECT '\0'",
    "2: the file contains a NUL byte, which SQL does not allow; is the file truncated, or encoded as UTF-16?",
  ],
  ["DISCARD ALL", "1: the effect of DISCARD outlives the step"],
  ["LISTEN a", "1: the effect of LISTEN outlives the step"],
  ["UNLISTEN *", "1: the effect of UNLISTEN outlives the step"],
  ...[
    ["CREATE TABLESPACE", "a LOCATION '/a'"],
    ["DROP TABLESPACE", "a"],
    ["REINDEX SYSTEM", "a"],
    ["REINDEX SCHEMA", "a"],
    ["CREATE SUBSCRIPTION", "a CONNECTION 'a' PUBLICATION a"],
    ["DROP SUBSCRIPTION", "a"],
  ].map(([what, rest]): [string, string] => [
    `${what} ${rest}`,
    `1: ${what} ${ALONE}`,
  ]),
  [
    "SELECT 1;\ncreate unique /* ; */ index concurrently i on t (a)",
    `2: CREATE INDEX CONCURRENTLY ${ALONE}`,
  ],
  ["DROP INDEX CONCURRENTLY i", `1: DROP INDEX CONCURRENTLY ${ALONE}`],
  ["REINDEX INDEX CONCURRENTLY i", `1: REINDEX CONCURRENTLY ${ALONE}`],
  ["REINDEX (CONCURRENTLY) TABLE t", `1: REINDEX CONCURRENTLY ${ALONE}`],
  ["REINDEX DATABASE", `1: REINDEX DATABASE ${ALONE}`],
  [
    "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
    `1: DETACH PARTITION … CONCURRENTLY ${ALONE}`,
  ],
  ["VACUUM t", `1: VACUUM ${ALONE}`],
  ["CREATE DATABASE d", `1: CREATE DATABASE ${ALONE}`],
  ["DROP DATABASE d", `1: DROP DATABASE ${ALONE}`],
  ["ALTER SYSTEM SET a = 1", `1: ALTER SYSTEM ${ALONE}`],
  ["CLUSTER", `1: CLUSTER ${ALONE}`],
  [
    "-- dbp:step tx=none\nCREATE INDEX CONCURRENTLY ON t (a)",
    "2: CREATE INDEX CONCURRENTLY requires a name, so that the index of an interrupted run can be found",
  ],
  [
    "-- dbp:step tx=none\nVACUUM a;\nVACUUM b;",
    "3: a step with tx=none can contain only one statement; begin another step before this one",
  ],
  [
    "-- dbp:step repeat\nDELETE FROM a;\nDELETE FROM b;",
    "3: a step with repeat can contain only one statement; begin another step before this one",
  ],
  [
    "-- dbp:step repeat\nCREATE TABLE t ()",
    "2: repeat requires an INSERT, UPDATE, DELETE or MERGE, which it runs until it changes no row",
  ],
  [
    "-- dbp:step repeat\nUPDATE t SET a = (SELECT 1 WHERE true)",
    "2: an UPDATE without WHERE changes rows every time, so repeat would never end",
  ],
  ["SELECT 1;\n-- dbp:step\n", "2: dbp:step must be followed by a statement"],
  [
    "-- dbp:step\n-- dbp:step\nSELECT 1",
    "1: dbp:step must be followed by a statement",
  ],
  [
    "ALTER TABLE t\n  ADD a int\n-- dbp:step tx=none\n;",
    "3: dbp:step tx=none is inside the statement that begins on line 1; is a ; missing before it?",
  ],
  ["SELECT 1; -- dbp:step", "1: dbp:step must be on a line of its own"],
  [
    "/* dbp:step tx=none */\nVACUUM",
    "1: a directive must be a -- comment on a line of its own, not a /* comment */",
  ],
  [
    "SELECT 1;\n--dpb:step\n",
    '2: "dpb:step" is not a directive; did you mean dbp:step?',
  ],
  [
    "-- dbp:ignore create-indx why",
    `1: dbp:ignore: no rule is named "create-indx"; did you mean create-index? The rules are ${
      byNearness("create-indx", RULES).join(", ")
    }`,
  ],
  [
    "-- dbp:irreversible a\n\n-- dbp:irreversible b",
    "3: dbp:irreversible is repeated",
  ],
  ["SELECT 'a", "1: unterminated string '"],
];

for (const [text, problem] of REFUSED) {
  Deno.test(`refused: ${problem}`, () => {
    assert.throws(() => read(text), (error) => {
      assert.ok(error instanceof MigrationError);
      assert.deepEqual(
        [error.message, error.exitCode],
        [`a.up.sql:${problem}`, 4],
      );
      return true;
    });
  });
}

const ACCEPTED: readonly string[] = [
  "SET LOCAL statement_timeout = 0",
  "SET CONSTRAINTS ALL DEFERRED",
  "SELECT set_config('search_path', 'false', true), false",
  "REINDEX (CONCURRENTLY off) TABLE t",
  "ALTER TABLE t DETACH PARTITION p FINALIZE",
  "CREATE TABLE vacuum (commit int)",
  "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
  "-- dbp:step tx=none\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)",
  "-- dbp:step repeat\nWITH a AS (SELECT 1) DELETE FROM t USING a",
  "ALTER TYPE e ADD VALUE 'a' AFTER 'b'",
  "/* -- dbp:step tx=none\nVACUUM t; */ SELECT 1",
];

for (const text of ACCEPTED) {
  Deno.test(`accepted: ${text.replaceAll("\n", "⏎")}`, () => {
    assert.equal(read(text).steps.length, 1);
  });
}

Deno.test("a draft is printed with header, directives and comments", () => {
  assert.equal(
    sqlDialect.print({
      requires: ["pg>=14"],
      destructive: ["drop-column object.stellar"],
      steps: [
        {
          transaction: true,
          repeat: false,
          lockTimeout: undefined,
          statementTimeout: undefined,
          comments: ["Also drops the index ix_object_stellar.\ndbp:step"],
          statements: [
            "ALTER TABLE object DROP COLUMN stellar",
            "SELECT 1 -- a",
          ],
        },
        {
          transaction: false,
          repeat: false,
          lockTimeout: 0,
          statementTimeout: 7_200_000,
          statements: ["VACUUM object"],
        },
      ],
    }),
    `-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:requires pg>=14
-- dbp:destructive drop-column object.stellar

-- dbp:step
-- Also drops the index ix_object_stellar.
-- (dbp:step)
ALTER TABLE object DROP COLUMN stellar;
SELECT 1 -- a
;

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
VACUUM object;
`,
  );
  assert.equal(
    sqlDialect.print({
      requires: [],
      destructive: [],
      steps: [{
        transaction: true,
        repeat: false,
        lockTimeout: undefined,
        statementTimeout: undefined,
        statements: ["CREATE TABLE t (\n  a int\n)"],
      }],
    }),
    `-- This file runs in one transaction. You can edit this file until it is applied.

CREATE TABLE t (
  a int
);
`,
  );
});

Deno.test("a draft without steps is printed as a comment", () => {
  assert.equal(
    sqlDialect.print({
      requires: [],
      destructive: [],
      irreversible: "rows are gone",
      steps: [],
    }),
    "-- This file has no statements.\n-- dbp:irreversible rows are gone\n",
  );
});

const words = fc.stringMatching(/^[a-zé.:=;'-]+( [a-zé.:=;'-]+){0,3}$/);
const limit = fc.constantFrom(undefined, 0, 250, 2000, 3_600_000);
const statements = fc.constantFrom(
  "SELECT 'a;b' -- c;",
  "DELETE FROM t /* ; */",
  "UPDATE t\nSET a = $$;$$\nWHERE b",
  "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE",
  "WITH a AS (SELECT 1) DELETE FROM b",
);
const repeated = statements.filter((statement) =>
  !statement.startsWith("SELECT")
);
const alone = fc.constantFrom("VACUUM t", "SELECT f(';')", "ANALYZE");
const drafts: fc.Arbitrary<Draft> = fc.record({
  steps: fc.array(
    fc.constantFrom("plain", "alone", "repeat").chain((kind) =>
      fc.record({
        transaction: fc.constant(kind !== "alone"),
        repeat: fc.constant(kind === "repeat"),
        lockTimeout: limit,
        statementTimeout: limit,
        statements: kind === "plain"
          ? fc.array(statements, { minLength: 1, maxLength: 3 })
          : fc.array(kind === "repeat" ? repeated : alone, {
            minLength: 1,
            maxLength: 1,
          }),
        comments: fc.array(
          fc.oneof(words, fc.constantFrom("dbp:step", "dpb:step", "a\n-- b")),
          { maxLength: 2 },
        ),
      })
    ),
    { maxLength: 4 },
  ),
  destructive: fc.array(words, { maxLength: 2 }),
  irreversible: fc.option(words, { nil: undefined }),
  requires: fc.subarray(["pg>=14", "pg<19"]),
  ignored: fc.array(
    fc.record({ rule: fc.constantFrom("rename", "create-index"), why: words }),
    { maxLength: 2 },
  ),
});

Deno.test("a printed draft is read back unchanged", async () => {
  await property(500, drafts, (draft) => {
    const script = read(sqlDialect.print(draft));
    const { steps, checksum: _, ...whole } = script;
    const { steps: draftSteps, ...draftWhole } = draft;
    assert.deepEqual(whole, plain(draftWhole));
    assert.deepEqual(
      steps.map(({ hash: _, line: __, lines: ___, title: ____, ...step }) => ({
        ...step,
        statements: step.statements.map(withoutComment),
      })),
      draftSteps.map(({ comments: _, ...step }) => ({
        ...step,
        statements: step.statements.map(withoutComment),
      })),
    );
    return Promise.resolve();
  });
});

function plain<T>(value: T): T {
  return structuredClone(value);
}

function withoutComment(statement: string): string {
  return statement.replace(/ (?:--.*|\/\*.*\*\/)$/, "");
}

function name(text: string): { schema: string | undefined; name: string } {
  const [name = "", schema] = text.split(".").reverse();
  return { schema, name };
}

const CONCURRENT: readonly (readonly [string, unknown, string])[] = [
  [
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "I x" ON ONLY s.T (concurrently)',
    { kind: "create-index", index: name("I x"), table: name("s.t") },
    'CREATE UNIQUE INDEX IF NOT EXISTS "I x" ON ONLY s.T (concurrently)',
  ],
  [
    "create index /* a */ concurrently on t (a)",
    { kind: "create-index", index: undefined, table: name("t") },
    "create index /* a */ on t (a)",
  ],
  [
    'DROP INDEX CONCURRENTLY U&"\\+01f52d\\0061\\\\"."a""b"',
    { kind: "drop-index", index: { schema: "🔭a\\", name: 'a"b' } },
    'DROP INDEX U&"\\+01f52d\\0061\\\\"."a""b"',
  ],
  [
    "DROP INDEX CONCURRENTLY IF EXISTS s.i RESTRICT",
    { kind: "drop-index", index: name("s.i") },
    "DROP INDEX IF EXISTS s.i RESTRICT",
  ],
  [
    "REINDEX (VERBOSE, CONCURRENTLY true) TABLE t",
    { kind: "reindex", what: "table", name: name("t") },
    "REINDEX (VERBOSE) TABLE t",
  ],
  [
    "REINDEX (CONCURRENTLY) INDEX i",
    { kind: "reindex", what: "index", name: name("i") },
    "REINDEX INDEX i",
  ],
  [
    "REINDEX SCHEMA CONCURRENTLY s",
    { kind: "reindex", what: "schema", name: name("s") },
    "REINDEX SCHEMA s",
  ],
  [
    "ALTER TABLE IF EXISTS ONLY a.t DETACH PARTITION p CONCURRENTLY",
    { kind: "detach-partition", table: name("a.t"), partition: name("p") },
    "ALTER TABLE IF EXISTS ONLY a.t DETACH PARTITION p",
  ],
];

for (const [statement, expected, without] of CONCURRENT) {
  Deno.test(`concurrently: ${statement}`, () => {
    assert.deepEqual(concurrent(statement), expected);
    assert.equal(withoutConcurrently(statement), without);
    assert.equal(concurrent(without), undefined);
  });
}

Deno.test("a statement without CONCURRENTLY stays unchanged", () => {
  for (
    const statement of [
      "CREATE INDEX i ON t (concurrently)",
      'CREATE INDEX "concurrently" ON t (a)',
      "REINDEX (CONCURRENTLY 0) TABLE t",
      "ALTER TABLE t DETACH PARTITION p",
      "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
      "SELECT 'CREATE INDEX CONCURRENTLY i ON t (a)'",
    ]
  ) {
    assert.equal(concurrent(statement), undefined);
    assert.equal(withoutConcurrently(statement), statement);
  }
});
