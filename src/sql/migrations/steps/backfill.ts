import type { LiveColumn, LiveTable } from "../../schema/introspect.ts";
import type { Piece } from "./piece.ts";
import { named } from "../../codec/quote.ts";
import type { Tables } from "../compare/scratch_schema.ts";

/** How many rows one part of a backfill changes at most. */
const BATCH = 10_000;

/** Gives the rows that have null in a column a value; `DEFAULT` is the column's own. */
export function backfill(
  table: string,
  { name, default: own }: LiveColumn,
  value: string,
): Piece {
  return {
    phase: "fill",
    table,
    how: "repeat",
    statements: [],
    fill: {
      column: named(name),
      value,
      expression: value === "DEFAULT" ? own ?? "NULL" : value,
    },
  };
}

/** The pieces, where the backfills of one table are one statement: rules that rows do not keep yet let none be changed that keeps only some. */
export function withBackfills(
  pieces: readonly Piece[],
  tables: Tables,
): Piece[] {
  const fills = Map.groupBy(
    pieces.filter(({ fill }) => fill !== undefined),
    ({ table }) => table,
  );
  return [
    ...pieces.filter(({ fill }) => fill === undefined),
    ...[...fills].map(([table = "", pieces]): Piece => ({
      phase: "fill",
      table,
      how: "repeat",
      comments: fired(table, tables.get(table)),
      statements: [
        update(
          table,
          pieces.flatMap(({ fill }) => fill ?? []),
          isOfParts(tables.get(table)),
        ),
      ],
    })),
  ];
}

/** Whether rows may be in other tables, partitions or such that inherit from it. */
function isOfParts(table: LiveTable | undefined): boolean {
  return table !== undefined &&
    (table.partition !== null ||
      table.others.some(({ kind }) => kind === "table"));
}

/** Whom a reader should ask first. */
function fired(table: string, there: LiveTable | undefined): string[] {
  const names =
    there?.triggers.filter(({ definition }) => /\bUPDATE\b/.test(definition))
      .map(({ name }) => name) ?? [];
  return names.length === 0
    ? []
    : [`Each row fires the triggers of ${table}: ${names.join(", ")}.`];
}

/** Changes some rows; where they are in several tables, a row's place says nothing without its table. */
function update(
  table: string,
  fills: readonly NonNullable<Piece["fill"]>[],
  split: boolean,
): string {
  const t = named(table);
  const [place, places] = split
    ? ["(tableoid, ctid)", "tableoid, ctid"]
    : ["ctid", "ctid"];
  const set = fills.map(({ column, value, expression }) =>
    fills.length === 1
      ? `${column} = ${value}`
      : `${column} = coalesce(${column}, ${expression})`
  );
  const lacking = fills.map(({ column }) => `${column} IS NULL`);
  return `UPDATE ${t} SET ${
    set.join(", ")
  } WHERE ${place} IN (SELECT ${places} FROM ${t} WHERE ${
    lacking.join(" OR ")
  } LIMIT ${BATCH})`;
}
