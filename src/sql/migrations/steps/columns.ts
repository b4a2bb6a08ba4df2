import { managedName } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveColumn, LiveTable } from "../../schema/introspect.ts";
import { columnText, commentOn } from "../../schema/recreate.ts";
import { mayDiffer } from "../compare/volatile_default.ts";
import { lostName } from "../file/destructive_names.ts";
import { backfill } from "./backfill.ts";
import { setDefault } from "./column_defaults.ts";
import { requiredText, setNotNull } from "./not_null.ts";
import { type FileContext, quick, RANK, type SqlStep } from "./planned_step.ts";

/** Adds or drops a column. */
export function columnSteps(
  change: ChangeOf<"column">,
  context: FileContext,
): SqlStep[] {
  const { table, from: dropped, to: added } = change;
  if (added === undefined) {
    return dropped === undefined ? [] : [dropColumn(table, dropped, context)];
  }
  return context.direction === "up"
    ? addColumn(table, added, change, [], context)
    : restoreColumn(table, added, context);
}

/** Adds a column without rewriting the table. */
function addColumn(
  table: string,
  column: LiveColumn,
  { fill, slow }: Pick<ChangeOf<"column">, "fill" | "slow">,
  notes: readonly string[],
  context: FileContext,
): SqlStep[] {
  const { name } = column;
  const add = (definition: LiveColumn, ...others: string[]): SqlStep => ({
    ...quick(
      "alter",
      table,
      `ALTER TABLE ${named(table)} ADD COLUMN ${columnText(definition)}`,
      ...others,
      ...column.comment === null
        ? []
        : [commentOn(table, name, column.comment)],
    ),
    rank: RANK.column,
    comments: [
      ...notes,
      ...adviceText(table, column),
      ...requiredText(table, column),
    ],
    ...needsVersion18(column) ? { requires: ["pg>=18"] } : {},
  });
  const initial = setDefault(table, name, column.default);
  if (slow) {
    return [
      {
        ...add({ ...column, default: null, nullable: true }, initial),
        comments: [
          ...notes,
          `The default of ${table}.${name} differs from row to row, so a later step fills the existing rows in batches.`,
        ],
      },
      ...column.nullable
        ? [backfill(table, column, "DEFAULT")]
        : setNotNull(table, column, "DEFAULT", context),
    ];
  }
  return [
    fill === undefined
      ? { ...add(column), ...ignoring(table, column) }
      : add({ ...column, default: fill }, initial),
  ];
}

/** Adds a dropped column again; existing rows may have no value for it. */
function restoreColumn(
  table: string,
  column: LiveColumn,
  context: FileContext,
): SqlStep[] {
  const { nullable, generated, default: value } = column;
  return addColumn(
    table,
    { ...column, nullable: nullable || value === null },
    { slow: generated === null && mayDiffer(value ?? "") },
    [`This restores the column ${table}.${column.name} without its values.`],
    context,
  );
}

function dropColumn(
  table: string,
  { name }: LiveColumn,
  { direction, tables }: FileContext,
): SqlStep {
  const live = tables.get(table);
  const dependents = live === undefined || direction === "down"
    ? []
    : dependentTexts(live, name);
  return {
    ...quick(
      "contract",
      table,
      `ALTER TABLE ${named(table)} DROP COLUMN ${named(name)}`,
    ),
    comments: dependents.map((dependent) =>
      `Dropping ${table}.${name} also drops the ${dependent}.`
    ),
    destructive: [`drop-column ${lostName(managedName.column(table, name))}`],
  };
}

/** Returns whether PostgreSQL 18 computes or checks the column in a way that older servers do not know. */
export function needsVersion18(
  { generated, unvalidated }: LiveColumn,
): boolean {
  return generated === "virtual" || unvalidated !== null;
}

/** Returns what the server drops together with a column. */
function dependentTexts(table: LiveTable, column: string): string[] {
  const uses = ({ columns }: { readonly columns: readonly string[] }) =>
    columns.includes(column);
  return [
    ...table.indexes.filter(uses).map(({ name, definition }) =>
      `index ${name} ${definition}`
    ),
    ...table.constraints.filter(uses).map(({ name, definition }) =>
      `constraint ${name} ${definition}`
    ),
    ...table.dependents.filter((other) =>
      other.kind === "statistics" && uses(other)
    ).map(({ description }) => description),
  ];
}

/** The lint rules against generated columns of tables with rows. */
const REWRITING: Readonly<Record<string, string>> = {
  always: "add-identity",
  "by default": "add-identity",
  serial: "add-serial",
  stored: "add-generated",
};

/** Returns the lint rules whose reason the server has ruled out for a column. */
function ignoring(
  table: string,
  { name, nullable, default: value, generated }: LiveColumn,
): Pick<SqlStep, "ignored"> {
  const empty = `${table} had no rows when this file was generated`;
  if (generated !== null) {
    const rule = REWRITING[generated];
    return rule === undefined ? {} : { ignored: [{ rule, why: empty }] };
  }
  if (value === null) {
    return nullable ? {} : {
      ignored: [{
        rule: "add-column-not-null",
        why: empty,
      }],
    };
  }
  return !mayDiffer(value) ? {} : {
    ignored: [{
      rule: "add-column-volatile-default",
      why:
        `checked on the server: all rows get the same value in ${table}.${name}`,
    }],
  };
}

/** Returns a better type, if there is one. */
function adviceText(table: string, { name, type }: LiveColumn): string[] {
  const [better, reason] = /^timestamp.* without time zone$/.test(type)
    ? ["timestamp with time zone", "it identifies an instant"]
    : /^character\(/.test(type)
    ? ["text", "it has no length limit and no trailing blanks"]
    : type === "json"
    ? ["jsonb", "it can be compared and indexed"]
    : [];
  return better === undefined ? [] : [
    `Consider ${better} for ${table}.${name} instead of ${type}: ${reason}.`,
  ];
}
