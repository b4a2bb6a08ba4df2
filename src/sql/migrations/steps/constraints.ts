import type { LiveConstraint } from "../../schema/introspect.ts";
import { shortName } from "../../schema/table.ts";
import type { Change, ChangeOf } from "../compare/change.ts";
import { addConstraint, createIndex } from "../compare/create_sql.ts";
import { quick, validate } from "./not_null.ts";
import { type Making, type Piece, RANK } from "./piece.ts";
import { list, named } from "../../codec/quote.ts";
import { isSplit } from "./required_version.ts";

/** Adds a constraint to a table that is in use. */
export function addConstraintPieces(
  table: string,
  constraint: LiveConstraint,
  making: Making,
): Piece[] {
  switch (constraint.kind) {
    case "check":
      return [
        quick(table, [notValid(table, constraint)]),
        ...validated(table, constraint, "validate"),
      ];
    case "foreign":
      return takesLater(table, making)
        ? [
          refer(table, [notValid(table, constraint)]),
          ...validated(table, constraint, "trust"),
        ]
        : [referAtOnce(table, constraint)];
    case "primary":
    case "unique":
    case "exclusion":
      return addKey(table, constraint, undefined, making);
  }
}

/** Drops a constraint; foreign keys first, for others may need what they refer to. */
export function dropConstraint(
  { table, constraint }: ChangeOf<"drop-constraint">,
): Piece[] {
  const piece = gone(table, constraint);
  return [
    constraint.kind === "foreign"
      ? { ...piece, phase: "loosen", how: "short" }
      : piece,
  ];
}

/** Puts a constraint in the place of another. */
export function changeConstraint(
  { table, from, to }: ChangeOf<"change-constraint">,
  making: Making,
): Piece[] {
  if (from.kind !== to.kind) {
    return [
      ...dropConstraint({ kind: "drop-constraint", table, constraint: from }),
      ...addConstraintPieces(table, to, making),
    ];
  }
  switch (to.kind) {
    case "check":
      return [
        gone(table, from),
        quick(table, [notValid(table, to)]),
        ...validated(table, to, "validate"),
      ];
    case "foreign":
      return referencedKeyGoes(from, making.all)
        ? [
          ...dropConstraint({
            kind: "drop-constraint",
            table,
            constraint: from,
          }),
          ...addConstraintPieces(table, to, making),
        ]
        : [
          refer(table, [drop(table, from), notValid(table, to)]),
          ...validated(table, to, "trust"),
        ];
    case "primary":
    case "unique":
    case "exclusion":
      return addKey(table, to, from, making);
  }
}

/** Checks the rows that were there before a constraint. */
export function validateConstraint(
  { table, constraint }: ChangeOf<"validate-constraint">,
): Piece[] {
  return validated(
    table,
    constraint,
    constraint.kind === "foreign" ? "trust" : "validate",
  );
}

/** A key's index is built beside those who write; then it becomes the key. */
function addKey(
  table: string,
  key: LiveConstraint,
  old: LiveConstraint | undefined,
  { all }: Making,
): Piece[] {
  const before = old === undefined ? [] : [drop(table, old)];
  const word = key.kind === "primary" ? "PRIMARY KEY" : "UNIQUE";
  if (key.definition !== `${word} (${list(key.columns)})`) {
    return [{
      ...quick(table, [...before, addConstraint(table, key)]),
      phase: "key",
      how: "long",
      ignored: {
        rule: key.kind === "primary"
          ? "add-primary-key"
          : key.kind === "unique"
          ? "add-unique"
          : "exclusion-constraint",
        why: "the server cannot make it of an index",
      },
      comments: [
        `Nobody can use ${table} while this is built: the server has no way to make such a constraint of an index.`,
      ],
    }];
  }
  const taken = old?.name === key.name ||
    all.some((
      change,
    ) => (change.kind === "drop-index" && change.index.name === key.name));
  const name = taken ? shortName(`${key.name}_new`) : key.name;
  const definition = `USING btree (${list(key.columns)})`;
  return [
    {
      phase: "build",
      table,
      how: "concurrent",
      statements: [
        createIndex({ name, unique: true, definition }, table, "CONCURRENTLY "),
      ],
    },
    {
      ...quick(table, [
        ...before,
        `ALTER TABLE ${named(table)} ADD CONSTRAINT ${
          named(key.name)
        } ${word} USING INDEX ${named(name)}`,
      ]),
      phase: "key",
    },
  ];
}

function referencedKeyGoes(
  key: LiveConstraint,
  all: readonly Change[],
): boolean {
  return all.some((change) =>
    (change.kind === "drop-table" && change.table.name === key.table) ||
    (change.kind === "drop-column" && change.table === key.table) ||
    ((change.kind === "drop-constraint" ||
      change.kind === "change-constraint") &&
      change.table === key.table)
  );
}

function refer(table: string, statements: readonly string[]): Piece {
  return { phase: "refer", table, how: "short", statements };
}

/** Whether a table may get a foreign key before its rows are looked at: one that is split may from PostgreSQL 18 on. */
function takesLater(table: string, { version, tables }: Making): boolean {
  return version >= 180000 || !isSplit(table, tables);
}

function referAtOnce(table: string, key: LiveConstraint): Piece {
  return {
    ...refer(table, [addConstraint(table, key)]),
    how: "long",
    ignored: {
      rule: "add-foreign-key-valid",
      why: "before PostgreSQL 18 a split table takes it in no other way",
    },
    comments: [
      `Nobody can write to ${table} or ${key.table} while all rows are read: before PostgreSQL 18 there is no other way where a table is split.`,
    ],
  };
}

function validated(
  table: string,
  { name, validated }: LiveConstraint,
  phase: "validate" | "trust",
): Piece[] {
  return validated ? [validate(table, name, phase)] : [];
}

function notValid(table: string, constraint: LiveConstraint): string {
  return addConstraint(table, { ...constraint, validated: false });
}

function gone(table: string, constraint: LiveConstraint): Piece {
  return { ...quick(table, [drop(table, constraint)]), rank: RANK.gone };
}

function drop(table: string, { name }: LiveConstraint): string {
  return `ALTER TABLE ${named(table)} DROP CONSTRAINT ${named(name)}`;
}
