// The server's messages about a statement, without the literals of the statement.
import assert from "node:assert/strict";
import { withoutStatementLiterals } from "../../../../src/sql/migrations/file/without_statement_literals.ts";

const CASES: readonly (readonly [
  message: string,
  statement: string,
  masked: string,
])[] = [
  [
    `syntax error at or near "'PLANTED'"`,
    "alter role x passwrd 'PLANTED'",
    `syntax error at or near "'…'"`,
  ],
  [
    `invalid connection string syntax: missing "=" after "PLANTED" in connection info string`,
    "create subscription s connection 'host=h PLANTED x=1' publication p",
    `invalid connection string syntax: missing "=" after "…" in connection info string`,
  ],
  [
    `could not translate host name "PLANTED/x@h" to address`,
    "select dblink('postgresql://u:a@PLANTED/x@h/d', 'select 1')",
    `could not translate host name "…" to address`,
  ],
  [
    `could not connect: postgresql://u:PLANTED@h/d refused`,
    "select dblink($x$postgresql://u:PLANTED@h/d$x$)",
    `could not connect: … refused`,
  ],
  [
    `relation "planted" does not exist`,
    "select E'PLA\\x4eTED'::regclass",
    `relation "…" does not exist`,
  ],
  [
    `wert «PLANTED» ist „PLANTED“`,
    "select U&'PLA\\004eTED'",
    `wert «…» ist „…“`,
  ],
  [
    `syntax error at or near "'PLANTED'"`,
    "do $$ begin execute 'alter role x password ''PLANTED'''; end $$",
    `syntax error at or near "'…'"`,
  ],
  [
    `unterminated quoted string at or near "'PLANTED and"`,
    "do $$ begin execute 'alter role x password ''PLANTED and'; end $$",
    `unterminated quoted string at or near "…"`,
  ],
  [
    `Failing row contains (1, PLANTED, null).`,
    "insert into t values (1, 'PLANTED', null)",
    `Failing row contains (1, …, null).`,
  ],
  // Names of the statement, texts of functions and messages of RAISE stay readable.
  [
    `relation "object" does not exist`,
    "do $$ begin update object set a = 'x'; end $$",
    `relation "object" does not exist`,
  ],
  [
    `relation "object" does not exist`,
    "alter table object add check (kind in ('object'))",
    `relation "object" does not exist`,
  ],
  [
    "rows are missing: 5",
    "do $$ begin raise exception 'rows are missing: %', 5; end $$",
    "rows are missing: 5",
  ],
  ["division by zero", "select 1 / 0 -- 'zero'", "division by zero"],
];

Deno.test("a message of the server repeats no literal of its statement, in part or in another case", () => {
  for (const [message, statement, masked] of CASES) {
    assert.equal(withoutStatementLiterals(message, statement), masked);
  }
});
