import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import { shortName } from "../../schema/table.ts";
import { backfill } from "./backfill.ts";
import {
  type FileContext,
  LONG,
  type Phase,
  quick,
  RANK,
  type SqlStep,
  step,
} from "./planned_step.ts";

/** Adds or drops NOT NULL. */
export function nullabilitySteps(
  { table, fill, from: before, to: after }: ChangeOf<"nullability">,
  context: FileContext,
): SqlStep[] {
  if (context.direction === "down" && after.unvalidated !== null) {
    const add = `ALTER TABLE ${named(table)} ADD CONSTRAINT ${
      named(after.unvalidated)
    } NOT NULL ${named(after.name)} NOT VALID`;
    const dropped = dropNotNull(table, after.name, context);
    return [{
      ...before.nullable
        ? quick("alter", table, add)
        : { ...dropped, statements: [...dropped.statements, add] },
      requires: ["pg>=18"],
    }];
  }
  return after.nullable
    ? [dropNotNull(table, after.name, context)]
    : setNotNull(
      table,
      { ...after, unvalidated: before.unvalidated },
      context.direction === "up" ? fill : undefined,
      context,
    );
}

/**
 * Adds a constraint for new rows first, then fills and checks the existing
 * rows. From version 12 on, the server accepts a validated CHECK as proof and
 * does not read the table again.
 */
export function setNotNull(
  table: string,
  column: LiveColumn,
  fill: string | undefined,
  context: FileContext,
): SqlStep[] {
  const alter = `ALTER TABLE ${named(table)}`;
  const c = named(column.name);
  const filled = fill === undefined ? [] : [backfill(table, column, fill)];
  // A NOT NULL constraint of PostgreSQL 18 that is not validated yet.
  if (column.unvalidated !== null) {
    return [...filled, {
      ...validate(table, column.unvalidated),
      requires: ["pg>=18"],
    }];
  }
  const rule = freeName(table, column, context);
  return [
    {
      ...quick(
        "alter",
        table,
        `${alter} ADD CONSTRAINT ${
          named(rule)
        } CHECK (${c} IS NOT NULL) NOT VALID`,
      ),
      comments: requiredText(table, { ...column, nullable: false }),
    },
    ...filled,
    validate(table, rule),
    quick(
      "harden",
      table,
      `${alter} ALTER COLUMN ${c} SET NOT NULL`,
      `${alter} DROP CONSTRAINT ${named(rule)}`,
    ),
  ];
}

/** Returns what writers must know about a required column without a default. */
export function requiredText(
  table: string,
  { name, nullable, default: value, generated }: LiveColumn,
): string[] {
  return nullable || value !== null || generated !== null ? [] : [
    `${table}.${name} has no default: from this step on, every INSERT into ${table} must provide a value.`,
  ];
}

/** Drops NOT NULL, after a change of the primary key that requires it. */
function dropNotNull(
  table: string,
  column: string,
  { changes }: FileContext,
): SqlStep {
  const key = changes.find((change) =>
    change.kind === "constraint" && change.table === table &&
    change.from?.kind === "primary"
  );
  return {
    ...quick(
      key === undefined ? "alter" : key.to === undefined ? "release" : "key",
      table,
      `ALTER TABLE ${named(table)} ALTER COLUMN ${named(column)} DROP NOT NULL`,
    ),
    comments: [
      `${table}.${column} may be null from this step on: programs that read it must expect null.`,
    ],
    ...key !== undefined ? { rank: RANK.afterwards } : {},
  };
}

/** Checks existing rows against a constraint. */
export function validate(
  table: string,
  rule: string,
  phase: Phase = "validate",
): SqlStep {
  const text = `ALTER TABLE ${named(table)} VALIDATE CONSTRAINT ${named(rule)}`;
  return { ...step(phase, table, text), ...LONG };
}

/** Returns a name that no other constraint of the table has. */
function freeName(
  table: string,
  { name }: LiveColumn,
  { tables }: FileContext,
): string {
  const { constraints = [], columns = [] } = tables.get(table) ?? {};
  const occupied = new Set([
    ...constraints.map(({ name }) => name),
    ...columns.flatMap(({ notNullName }) => notNullName ?? []),
  ]);
  for (let count = 0;; count++) {
    const free = shortName(`${table}_${name}_nn${count === 0 ? "" : count}`);
    if (!occupied.has(free)) return free;
  }
}
