import type { LiveColumn } from "../../schema/introspect.ts";
import { shortName } from "../../schema/table.ts";
import { backfill } from "./backfill.ts";
import type { ChangeOf } from "../compare/change.ts";
import { type Making, type Piece, RANK } from "./piece.ts";
import { named } from "../../codec/quote.ts";

/**
 * Requires a value: the rule first, which new rows obey; then the rows that are
 * there. A check that is validated proves to every version since 12 that no row
 * has null, without another look at them; PostgreSQL 18 could say it in two
 * statements, which an older server would not read.
 */
export function setNotNull(
  { table, column, fill }: Pick<
    ChangeOf<"set-not-null">,
    "table" | "column" | "fill"
  >,
  making: Making,
): Piece[] {
  const t = named(table);
  const c = named(column.name);
  const filled = fill === undefined ? [] : [backfill(table, column, fill)];
  // Somebody began it with a rule of PostgreSQL 18.
  if (column.unproven !== null) {
    return [...filled, validate(table, column.unproven)];
  }
  const rule = free(table, column, making);
  return [
    {
      ...quick(table, [
        `ALTER TABLE ${t} ADD CONSTRAINT ${
          named(rule)
        } CHECK (${c} IS NOT NULL) NOT VALID`,
      ]),
      comments: mustBeGiven(table, { ...column, nullable: false }),
    },
    ...filled,
    validate(table, rule),
    {
      phase: "harden",
      table,
      how: "quick",
      statements: [
        `ALTER TABLE ${t} ALTER COLUMN ${c} SET NOT NULL`,
        `ALTER TABLE ${t} DROP CONSTRAINT ${named(rule)}`,
      ],
    },
  ];
}

/** What programs that are older than the file must know of a column without null and without a default. */
export function mustBeGiven(
  table: string,
  { name, nullable, default: value, made }: LiveColumn,
): string[] {
  return nullable || value !== null || made !== null ? [] : [
    `${table}.${name} has no default: who inserts into ${table} must give it from this step on.`,
  ];
}

/** Lets null be; after the primary key that forbade it has changed. */
export function dropNotNull(
  { table, column }: ChangeOf<"drop-not-null">,
  { all }: Making,
): Piece[] {
  const keyChanges = all.some((change) =>
    change.kind === "change-constraint" && change.table === table &&
    change.from.kind === "primary"
  );
  return [{
    ...quick(table, [
      `ALTER TABLE ${named(table)} ALTER COLUMN ${
        named(column.name)
      } DROP NOT NULL`,
    ]),
    comments: [
      `${table}.${column.name} may be null from here on: who reads it must expect that.`,
    ],
    ...keyChanges ? { phase: "key", rank: RANK.afterwards } : {},
  }];
}

/** Checks the rows that are there against a rule that new ones obey already. */
export function validate(
  table: string,
  rule: string,
  phase: "validate" | "trust" = "validate",
): Piece {
  return {
    phase,
    table,
    how: "long",
    statements: [
      `ALTER TABLE ${named(table)} VALIDATE CONSTRAINT ${named(rule)}`,
    ],
  };
}

/** Something short that holds up one table. */
export function quick(table: string, statements: readonly string[]): Piece {
  return { phase: "alter", table, how: "quick", statements };
}

/** A name for a column's rule that no other of its table has. */
function free(
  table: string,
  { name }: LiveColumn,
  { tables }: Making,
): string {
  const there = tables.get(table);
  const taken = new Set([
    ...there?.constraints.map(({ name }) => name) ?? [],
    ...there?.columns.flatMap(({ rule }) => rule ?? []) ?? [],
  ]);
  for (let count = 0;; count++) {
    const tried = shortName(
      `${table}_${name}_nn${count === 0 ? "" : count}`,
    );
    if (!taken.has(tried)) return tried;
  }
}
