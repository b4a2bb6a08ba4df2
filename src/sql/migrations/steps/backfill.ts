import type { LiveColumn, LiveTable } from "../../schema/introspect.ts";
import { type Fill, REPEATED, type SqlStep, step } from "./planned_step.ts";
import { named } from "../../codec/quote.ts";
import type { Tables } from "../compare/scratch_schema.ts";

/** Rows that one batch of a backfill changes at most. */
const BATCH = 10_000;

/** Replaces null in a column by a value; `DEFAULT` is the default of the column. */
export function backfill(
  table: string,
  { name, default: own }: LiveColumn,
  value: string,
): SqlStep {
  return {
    ...step("fill", table),
    ...REPEATED,
    fill: {
      column: named(name),
      value,
      expression: value === "DEFAULT" ? own ?? "NULL" : value,
    },
  };
}

/** Returns the steps, with all backfills of a table in one statement: an UPDATE fails if the row still breaks another new constraint. */
export function withBackfills(
  steps: readonly SqlStep[],
  tables: Tables,
): SqlStep[] {
  const fills = Map.groupBy(
    steps.filter(({ fill }) => fill !== undefined),
    ({ table }) => table,
  );
  return [
    ...steps.filter(({ fill }) => fill === undefined),
    ...[...fills].map(([table = "", steps]) => ({
      ...step(
        "fill",
        table,
        update(
          table,
          steps.flatMap(({ fill }) => fill ?? []),
          isInParts(tables.get(table)),
        ),
      ),
      ...REPEATED,
      comments: firedText(table, tables.get(table)),
    })),
  ];
}

/** Returns whether rows can be in partitions or inheriting tables. */
function isInParts(table: LiveTable | undefined): boolean {
  return table !== undefined &&
    (table.partition !== null ||
      table.dependents.some(({ kind }) => kind === "table"));
}

function firedText(table: string, live: LiveTable | undefined): string[] {
  const names =
    live?.triggers.flatMap(({ name, definition }) =>
      /\bUPDATE\b/.test(definition) ? [name] : []
    ) ?? [];
  return names.length === 0
    ? []
    : [`Each updated row fires the triggers of ${table}: ${names.join(", ")}.`];
}

/** Returns an UPDATE of one batch; in several tables, a ctid is unique only together with its table. */
function update(
  table: string,
  fills: readonly Fill[],
  inParts: boolean,
): string {
  const t = named(table);
  const [row, rows] = inParts
    ? ["(tableoid, ctid)", "tableoid, ctid"]
    : ["ctid", "ctid"];
  const set = fills.map(({ column, value, expression }) =>
    fills.length === 1
      ? `${column} = ${value}`
      : `${column} = coalesce(${column}, ${expression})`
  );
  const empty = fills.map(({ column }) => `${column} IS NULL`);
  return `UPDATE ${t} SET ${
    set.join(", ")
  } WHERE ${row} IN (SELECT ${rows} FROM ${t} WHERE ${
    empty.join(" OR ")
  } LIMIT ${BATCH})`;
}
