// SQL text is split into statements exactly as PostgreSQL splits it.
import { MigrationError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { loadModule, parseSync, scanSync } from "libpg-query";
import pg from "pg";
import { split } from "../../../../src/sql/migrations/file/split.ts";
import { tokens } from "../../../../src/sql/migrations/file/tokens.ts";
import { property } from "../../../support/arbitraries.ts";
import { clientConfig } from "../../../support/engines.ts";

await loadModule();

/** Statements that contain every sign that could look like an end. */
const STATEMENTS: readonly string[] = [
  "SELECT 'a;b', 'it''s;', ''",
  "SELECT E'a\\';b', e'\\\\', E'--\\n'",
  "SELECT 'back\\'",
  "SELECT U&'\\0061;', u&'!0061' UESCAPE '!', U&\"d\\0061t;a\" FROM t",
  "SELECT B'01', X'1F', b'', N'n;n'",
  'SELECT "a;b", "say ""hi;""", "\'" FROM t',
  "SELECT 'two'\n  ';parts', E'two'\n\n  '\\';parts'",
  "SELECT $$a;b$$, $tag$ $$;$$ $other$;$tag$, $_é$;$_é$",
  "SELECT a$1, b$$ FROM t",
  "SELECT a$$b, $$;$$ FROM t",
  "SELECT $1 + $2",
  "SELECT 1 /* a ; /* nested ; */ ; */ + 2",
  "SELECT 1 -- a ; and 'a quote\n + 2",
  "SELECT 1 +-- ;\n 2",
  "SELECT 1 */* ; */ 2",
  "SELECT a <-1, a->'b', a#>>'{b}', a @>b, a <> b, c::text, e[1:2], x.*, d /-1 FROM t",
  "SELECT 1.5, .5, 1., 1e10, 1.5E-3, 0x1F, 1_000, 0b01, 0o17",
  "SELECT é, ñandú, \"🔭\", '☉;' FROM größe",
  "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b; NOTIFY c)",
  "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$",
  "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN CASE a WHEN 2 THEN 1 END ELSE 2 END; SELECT 1 AS end; SELECT (SELECT 2 end); END",
  "CREATE PROCEDURE p() LANGUAGE sql BEGIN /* ; */ ATOMIC END",
  "CREATE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END",
  "CREATE FUNCTION f() RETURNS int RETURN 1",
  "CREATE TABLE t (begin int, atomic int, \"end\" int, a text CHECK (a <> ';'))",
  "CREATE TABLE function (begin atomic)",
  "SELECT atomic.a FROM begin atomic",
  "DO $do$ BEGIN EXECUTE 'DROP TABLE t;'; END $do$",
  "ALTER TABLE t ADD CONSTRAINT n NOT NULL c NOT VALID",
  "COPY t (a, b) FROM '/a;b' WITH (FORMAT csv)",
  "CREATE INDEX CONCURRENTLY ix ON t (a) WHERE a <> ';'",
  "SELECT CASE WHEN true THEN 1 END",
  "VALUES (1, (2)), (3, 4)",
];

/** Text that may stand between tokens without a meaning. */
const gaps = fc.array(
  fc.constantFrom(
    ...[
      " ",
      "\n",
      "\t",
      "\f",
      "-- a ; and a '\n",
      "/* ; */",
      "/* /* ' */ $$ */",
    ],
    ...["-- é\n", "/**/"],
  ),
  { maxLength: 3 },
).map((some) => some.join(""));

function textsOf(text: string): readonly string[] {
  return split(text, "a.sql").map(({ text }) => text);
}

/** Returns the statements that PostgreSQL's own parser finds, without the text that follows each. */
function parsed(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  return (parseSync(text).stmts ?? []).map(({ stmt_location, stmt_len }) => {
    const start = stmt_location ?? 0;
    const whole = bytes.subarray(start, stmt_len ? start + stmt_len : undefined)
      .toString();
    const last = [...tokens(whole, "a.sql")].filter(({ kind }) =>
      kind !== "comment"
    ).at(-1);
    return whole.slice(0, last?.end);
  });
}

for (const statement of STATEMENTS) {
  const name = statement.replaceAll("\n", "⏎");
  Deno.test(`one statement, as PostgreSQL's parser sees it: ${name}`, () => {
    const text = `SELECT 0;${statement};\n ; ${statement} ;SELECT 9`;
    const expected = ["SELECT 0", statement, statement, "SELECT 9"];
    assert.deepEqual(textsOf(text), expected);
    assert.deepEqual(parsed(text), expected);
  });
}

Deno.test("white space, comments and semicolons alone are not a statement", () => {
  assert.deepEqual(textsOf(""), []);
  assert.deepEqual(textsOf(" ; -- a\n;; /* b */ ;\n"), []);
});

Deno.test("each statement reports the line on which it begins", () => {
  const text = "\n-- a\nSELECT 1; SELECT\n2;\n\n/* b\n*/ SELECT '\n';SELECT 3";
  assert.deepEqual(split(text, "a.sql").map(({ line }) => line), [3, 3, 7, 8]);
});

Deno.test("joined statements are split into themselves", async () => {
  const some = fc.array(
    fc.tuple(gaps, fc.constantFrom(...STATEMENTS), gaps),
    { minLength: 1, maxLength: 6 },
  );
  await property(500, some, (parts) => {
    const text = parts.map((part) => `${part.join("")};`).join("");
    const expected = parts.map(([, statement]) => statement);
    assert.deepEqual(textsOf(text), expected);
    assert.deepEqual(parsed(text), expected);
    return Promise.resolve();
  });
});

Deno.test("white space and comments between tokens change no token", async () => {
  const some = fc.constantFrom(...STATEMENTS).chain((statement) => {
    const values = valuesOf(statement);
    return fc.tuple(
      fc.constant(values),
      fc.tuple(...values.map(() => gaps)),
    );
  });
  await property(500, some, ([values, between]) => {
    const text = values.map((value, index) => `${value} ${between[index]} `)
      .join("");
    assert.deepEqual(valuesOf(text), values);
    assert.equal(split(text, "a.sql").length, 1);
    return Promise.resolve();
  });
});

function valuesOf(text: string): readonly string[] {
  return [...tokens(text, "a.sql")].filter(({ kind }) => kind !== "comment")
    .map(({ value }) => value);
}

const signs = fc.constantFrom(
  ..."aeEnbxXUu&'\"$1_;-/*+<>=@#.: \n()é🔭\\",
  ..."''\"\"$$",
  ...["--", "/*", "*/", "''", "$$", "$a$", "E'", "U&'", "\\'", "\n'", "e1"],
);

Deno.test("any characters give the tokens that PostgreSQL's scanner gives", async () => {
  let compared = 0;
  const some = fc.array(signs, { maxLength: 14 });
  await property(20_000, some, (parts) => {
    const text = parts.join("");
    const expected = scanned(text);
    const own = lexed(text);
    if (expected === "refused" || !comparable(own, expected)) {
      return Promise.resolve();
    }
    compared++;
    assert.deepEqual(own, expected, JSON.stringify(text));
    return Promise.resolve();
  });
  assert.ok(compared > 5000, String(compared));
});

/** Excludes psql's backslash, and strings that continue after a comment: the server accepts them, but its extracted scanner does not. */
function comparable(
  own: readonly string[] | undefined,
  expected: readonly string[] | undefined,
): boolean {
  return !expected?.includes("\\") &&
    !own?.some((token) => token.startsWith("\\") || /'[^]*--/.test(token));
}

/** Undefined if a part has no end. */
function scanned(text: string): readonly string[] | undefined | "refused" {
  try {
    return scanSync(text).tokens.map(({ text }) => text);
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message.includes("unterminated") ? undefined : "refused";
  }
}

function lexed(text: string): readonly string[] | undefined {
  try {
    return [...tokens(text, "a.sql")].map(({ start, end }) =>
      text.slice(start, end)
    );
  } catch (error) {
    assert.ok(error instanceof MigrationError);
    return undefined;
  }
}

const REFUSED: readonly (readonly [string, string])[] = [
  [
    "SELECT 1;\nSELECT 'a;\n",
    "a.sql:2: unterminated string '",
  ],
  ["SELECT E'a\\'", "a.sql:1: unterminated string '"],
  ["\n\nDO $x$ $$ $X$", "a.sql:3: unterminated string $x$"],
  ["SELECT 1 /* /* */", "a.sql:1: unterminated comment /*"],
  ['DROP TABLE "a;', 'a.sql:1: unterminated name "'],
  [
    "CREATE TABLE t (\n  a int CHECK (a > 1;\nSELECT 1;",
    "a.sql:1: this ( is never closed",
  ],
  ["SELECT 1);\nSELECT 2", "a.sql:1: this ) closes nothing"],
  [
    "SELECT 1;\nCREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2;",
    "a.sql:2: this BEGIN ATOMIC has no END",
  ],
  [
    "SELECT 1;\n\\i other.sql",
    "a.sql:2: \\i is a psql command; a migration may contain only SQL",
  ],
  [
    "\\copy t from 'a.csv'",
    "a.sql:1: \\copy is a psql command; a migration may contain only SQL",
  ],
  [
    "SELECT 'drop table a'\\gexec",
    "a.sql:1: \\gexec is a psql command; a migration may contain only SQL",
  ],
  [
    "SELECT 1;\ncopy t (a) from stdin;\nit's\tno SQL\n\\.\n",
    "a.sql:2: COPY … FROM STDIN needs a client that sends rows; write INSERT instead",
  ],
  [
    "COPY (SELECT 1) TO STDOUT;",
    "a.sql:1: COPY … TO STDOUT needs a client that receives rows, which a migration does not have",
  ],
];

for (const [text, message] of REFUSED) {
  Deno.test(`refused: ${message}`, () => {
    assert.throws(() => split(text, "a.sql"), (error) => {
      assert.ok(error instanceof MigrationError);
      assert.deepEqual([error.message, error.exitCode], [message, 4]);
      return true;
    });
  });
}

Deno.test("a long line is split quickly", () => {
  const rows = Array.from({ length: 200_000 }, (_, n) => `(${n}, 'it''s;')`);
  const [insert, ...others] = split(
    `INSERT INTO t VALUES ${rows.join(", ")}; SELECT 1`,
    "a.sql",
  );
  assert.equal(insert?.tokens.length, 4 + 200_000 * 6 - 1);
  assert.equal(others.length, 1);
});

Deno.test("PostgreSQL 18 runs the statements one by one", async () => {
  const client = new pg.Client(clientConfig());
  await client.connect();
  try {
    const rows: unknown[] = [];
    for (const statement of textsOf(RUN)) {
      // A message with values may contain only one statement.
      const result = await client.query({ text: statement, values: [] });
      rows.push(...result.rows);
    }
    assert.deepEqual(rows, [
      { a: ";'", b: "\\" },
      { twice: 4, named: 7 },
      { n: 3 },
      { one: "a';b" },
    ]);
  } finally {
    await client.end();
  }
});

const RUN = `-- A file with everything; even 'this.
CREATE TEMP TABLE t (a text DEFAULT ';', "b;""c" int /* ; /* ' */ */);
CREATE TEMP TABLE log (n int);
CREATE RULE r AS ON INSERT TO t DO ALSO (
  INSERT INTO log VALUES (1);
  INSERT INTO log VALUES (2)
);
INSERT INTO t VALUES ($$;'$$, 1);
CREATE FUNCTION pg_temp.twice(x int) RETURNS int LANGUAGE sql
BEGIN ATOMIC
  SELECT CASE WHEN x > 0 THEN 1 ELSE 2 END;
  SELECT CASE x WHEN 2 THEN CASE WHEN true THEN x * 2 END END;
END;
CREATE FUNCTION pg_temp.named(a$1 int) RETURNS int LANGUAGE plpgsql AS $f$
BEGIN
  RETURN a$1 + length(';$$;');
END;
$f$;
DO $do$ BEGIN INSERT INTO log VALUES (3); END $do$;
SELECT a, '\\' AS b FROM t;
SELECT pg_temp.twice(2) AS twice, pg_temp.named(3) AS named;
SELECT count(*)::int AS n FROM log;
SELECT E'a\\'' -- goes on below;
  ';b' AS one
`;
