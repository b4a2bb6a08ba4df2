// The `dbp:` lines of migration files: what they mean, and the errors for invalid ones.
import { MigrationError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  directiveText,
  looksLikeDirective,
} from "../../../src/migrations/file/comment.ts";
import {
  type Directive,
  fileDirectives,
  parseDirective,
  printDirective,
} from "../../../src/migrations/file/directive.ts";
import { meets } from "../../../src/migrations/file/requirement.ts";
import { property } from "../../support/arbitraries.ts";

const POSITION = { file: "a.sql", line: 7 };
const RULES = ["set-not-null", "create-index", "rename"];

function parse(text: string): Directive {
  return parseDirective(text, POSITION, { rules: RULES, requires: "pg>=14" });
}

const PLAIN = {
  kind: "step",
  transaction: true,
  repeat: false,
  lockTimeout: undefined,
  statementTimeout: undefined,
} as const;

const MEANINGS: readonly (readonly [string, Directive])[] = [
  ["step", PLAIN],
  ["step  tx=auto ", PLAIN],
  ["step tx=none", { ...PLAIN, transaction: false }],
  ["step repeat", { ...PLAIN, repeat: true }],
  ["step lock_timeout=250ms", { ...PLAIN, lockTimeout: 250 }],
  [
    "step statement_timeout=1h tx=none lock_timeout=0",
    { ...PLAIN, transaction: false, lockTimeout: 0, statementTimeout: 3.6e6 },
  ],
  [
    "step statement_timeout=30s lock_timeout=5m",
    { ...PLAIN, lockTimeout: 300_000, statementTimeout: 30_000 },
  ],
  ["step lock_timeout=0ms", { ...PLAIN, lockTimeout: 0 }],
  ["destructive drop-column  a.b", {
    kind: "destructive",
    what: "drop-column a.b",
  }],
  ["irreversible rows are gone", {
    kind: "irreversible",
    why: "rows are gone",
  }],
  ["ignore rename nobody reads it", {
    kind: "ignore",
    rule: "rename",
    why: "nobody reads it",
  }],
  ["requires pg>=14", { kind: "requires", what: "pg>=14" }],
  ["requires pg<19.1", { kind: "requires", what: "pg<19.1" }],
];

for (const [text, expected] of MEANINGS) {
  Deno.test(`dbp:${text}`, () => assert.deepEqual(parse(text), expected));
}

const ALL =
  "dbp:step, dbp:destructive, dbp:irreversible, dbp:ignore, dbp:requires";
const SHAPE =
  "dbp:step [tx=none|tx=auto] [repeat] [lock_timeout=2s] [statement_timeout=1h]";

const REFUSED: readonly (readonly [string, string])[] = [
  ["", `dbp: must be followed by a directive: ${ALL}`],
  ["stp tx=none", "dbp:stp is not a directive; did you mean dbp:step?"],
  ["Step", "dbp:Step is not a directive; did you mean dbp:step?"],
  [
    "destuctive x",
    "dbp:destuctive is not a directive; did you mean dbp:destructive?",
  ],
  ["qqq", `dbp:qqq is not a directive; directives are ${ALL}`],
  [
    "step tx=nonne",
    "tx=nonne must be tx=none or tx=auto; did you mean tx=none?",
  ],
  ["step tx", "tx= must be tx=none or tx=auto"],
  [
    "step lock-timeout=2s",
    'dbp:step has no option "lock-timeout=2s"; did you mean lock_timeout?',
  ],
  [
    "step statment_timeout=2s",
    'dbp:step has no option "statment_timeout=2s"; did you mean statement_timeout?',
  ],
  ["step zzz", `dbp:step has no option "zzz"; write ${SHAPE}`],
  ["step TX=none", 'dbp:step has no option "TX=none"; did you mean tx?'],
  ["step tx=none tx=none", "dbp:step repeats tx"],
  ["step repeat repeat", "dbp:step repeats repeat"],
  ["step repeat=3", 'repeat takes no value, but has "3"'],
  [
    "step repeat tx=none",
    "dbp:step cannot have both tx=none and repeat: each repetition is a transaction of its own",
  ],
  [
    "step lock_timeout",
    "lock_timeout requires a duration; write lock_timeout=2s, with h, m, s or ms, or lock_timeout=0 for no limit",
  ],
  [
    "step lock_timeout = 2s",
    'dbp:step has "="; write option=value without spaces',
  ],
  [
    "step lock_timeout=-1s",
    "lock_timeout=-1s is not a duration; write lock_timeout=2s, with h, m, s or ms, or lock_timeout=0 for no limit",
  ],
  [
    "step lock_timeout=2",
    "lock_timeout=2 has no unit; units are h, m, s and ms; did you mean lock_timeout=2s?",
  ],
  [
    "step lock_timeout=2min",
    'lock_timeout=2min has the unknown unit "min"; units are h, m, s and ms; did you mean lock_timeout=2m?',
  ],
  [
    "step lock_timeout=2S",
    'lock_timeout=2S has the unknown unit "S"; units are h, m, s and ms; did you mean lock_timeout=2s?',
  ],
  [
    "step lock_timeout=2d",
    'lock_timeout=2d has the unknown unit "d"; units are h, m, s and ms',
  ],
  ["step lock_timeout=597h", "lock_timeout=597h is longer than 596h"],
  [
    "destructive",
    "dbp:destructive must name what is lost: dbp:destructive drop-column object.stellar",
  ],
  [
    "irreversible",
    "dbp:irreversible must say why the migration cannot be rolled back: dbp:irreversible <why>",
  ],
  ["ignore", "dbp:ignore must name a rule: dbp:ignore <rule> <why>"],
  [
    "ignore set-notnull x",
    'dbp:ignore: no rule is named "set-notnull"; did you mean set-not-null? The rules are set-not-null, rename, create-index',
  ],
  [
    "ignore rename",
    "dbp:ignore rename must give a reason: dbp:ignore rename <why>",
  ],
  [
    "requires postgres >= 14",
    'dbp:requires takes a version such as pg>=14, not "postgres >= 14"; did you mean pg>=14?',
  ],
  [
    "requires pg=>14",
    'dbp:requires takes a version such as pg>=14, not "pg=>14"; did you mean pg>=14?',
  ],
  [
    "requires mongodb>=7",
    'dbp:requires takes a version such as pg>=14, not "mongodb>=7"',
  ],
  ["requires", "dbp:requires takes a version such as pg>=14"],
];

function refused(read: () => unknown, problem: string): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof MigrationError);
    assert.deepEqual(
      [error.message, error.exitCode],
      [`a.sql:7: ${problem}`, 4],
    );
    return true;
  });
}

for (const [text, problem] of REFUSED) {
  Deno.test(`dbp:${text} is refused`, () =>
    refused(() => parse(text), problem));
}

Deno.test("comments for people are not directives", () => {
  for (
    const comment of [
      ...["", " ", " step one: add a column", " Each dbp:step is one", "----"],
      ...[" see docs/migrations.md", " the db: it requires a lot of space"],
      ...[" dbp migrations are read by people", " http://dbp.example/step"],
      ...[" -- dbp:step tx=none", " drop: step", " dbp", " db step"],
    ]
  ) {
    assert.equal(directiveText(comment, POSITION), undefined, comment);
    assert.equal(looksLikeDirective(comment), false, comment);
  }
});

Deno.test("a comment that begins with dbp: is a directive", () => {
  assert.equal(directiveText(" dbp:step tx=none", POSITION), "step tx=none");
  assert.equal(directiveText("dbp:qqq a", POSITION), "qqq a");
  assert.equal(directiveText("\tdbp:", POSITION), "");
});

const SIMILAR: readonly (readonly [string, string, string])[] = [
  [" dpb:step", "dpb:step", "step"],
  [" DBP:step", "DBP:step", "step"],
  [" dbp: step", "dbp: step", "step"],
  [" dbp step tx=none", "dbp step", "step"],
  [" dbp :step", "dbp :step", "step"],
  [" dbp-ignore rename x", "dbp-ignore", "ignore"],
  [" dbp=ignore rename x", "dbp=ignore", "ignore"],
  ["- dbp:step", "- dbp:step", "step"],
  [" @dbp:step", "@dbp:step", "step"],
  [" db:setp", "db:setp", "step"],
];

for (const [comment, shown, name] of SIMILAR) {
  Deno.test(`--${comment} is refused`, () =>
    refused(
      () => directiveText(comment, POSITION),
      `"${shown}" is not a directive; did you mean dbp:${name}?`,
    ));
}

const words = fc.stringMatching(/^[a-zé.:=*-]+( [a-zé.:=*-]+){0,3}$/);
const limit = fc.option(
  fc.oneof(
    fc.integer({ min: 0, max: 2_147_483_647 }),
    fc.integer({ min: 0, max: 596 }).map((hours) => hours * 3_600_000),
    fc.integer({ min: 0, max: 9999 }).map((seconds) => seconds * 1000),
  ),
  { nil: undefined },
);
const directives: fc.Arbitrary<Directive> = fc.oneof(
  fc.record({
    kind: fc.constant("step" as const),
    transaction: fc.boolean(),
    repeat: fc.boolean(),
    lockTimeout: limit,
    statementTimeout: limit,
  }).map((step) => ({ ...step, repeat: step.repeat && step.transaction })),
  fc.record({ kind: fc.constant("destructive" as const), what: words }),
  fc.record({ kind: fc.constant("irreversible" as const), why: words }),
  fc.record({
    kind: fc.constant("ignore" as const),
    rule: fc.constantFrom(...RULES),
    why: words,
  }),
  fc.record({
    kind: fc.constant("requires" as const),
    what: fc.constantFrom("pg>=14", "pg<19", "pg>=15.0.2"),
  }),
).map((directive) => ({ ...directive }));

Deno.test("a printed directive is read back unchanged", async () => {
  await property(500, directives, (directive) => {
    assert.deepEqual(parse(printDirective(directive)), directive);
    return Promise.resolve();
  });
});

Deno.test("a duration is printed in its largest unit", () => {
  const print = (lockTimeout: number): string =>
    printDirective({ ...PLAIN, lockTimeout });
  assert.deepEqual([0, 1, 1500, 2000, 90_000, 120_000, 7_200_000].map(print), [
    "step lock_timeout=0",
    "step lock_timeout=1ms",
    "step lock_timeout=1500ms",
    "step lock_timeout=2s",
    "step lock_timeout=90s",
    "step lock_timeout=2m",
    "step lock_timeout=2h",
  ]);
});

Deno.test("a file may have only one dbp:irreversible", () => {
  const one = { directive: parse("irreversible a"), position: POSITION };
  assert.equal(fileDirectives([one]).irreversible, "a");
  refused(() => fileDirectives([one, one]), "dbp:irreversible is repeated");
});

Deno.test("a server meets a requirement by its product and version", () => {
  assert.ok(meets("pg>=14", "pg", "14.0"));
  assert.ok(meets("pg>=14", "pg", "18beta1"));
  assert.ok(meets("pg>=14.2", "pg", "15.1 (Debian 15.1-1)"));
  assert.ok(!meets("pg>=14.2", "pg", "14.1"));
  assert.ok(!meets("pg>=9", "pg", "8.4"));
  assert.ok(!meets("pg<18", "pg", "18.1"));
  assert.ok(meets("pg<18", "pg", "17.9"));
  assert.ok(!meets("mongodb>=7", "pg", "18.1"));
});
