import type { AnyModel } from "../../../model/types.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import type { Tables } from "./scratch.ts";

/** How the history writes the names of what models manage. */
export const place = {
  column: (table: string, column: string): string => `${table}.${column}`,
  /** A constraint or an index. */
  rule: (table: string, name: string): string => `${table}#${name}`,
};

/** Renames that someone asked for and that are still to be made. */
export interface Renames {
  /** From old names of tables to new ones. */
  readonly tables: ReadonlyMap<string, string>;
  /** From `old table.old column` to the new column. */
  readonly columns: ReadonlyMap<string, string>;
}

/** No renames. */
export const NO_RENAMES: Renames = { tables: new Map(), columns: new Map() };

/** What models managed, under the names that tables and columns have after renames. */
export function underNewNames(
  managed: readonly string[],
  { tables, columns }: Renames,
): ReadonlySet<string> {
  return new Set(managed.map((name) => {
    const [, table = "", mark = "", rest = ""] = /^(.*?)(?:([.#])(.*))?$/s
      .exec(name) ?? [];
    const now = tables.get(table) ?? table;
    if (mark === "") return now;
    const renamed = mark === "."
      ? columns.get(place.column(table, rest)) ?? rest
      : rest;
    return `${now}${mark}${renamed}`;
  }));
}

/** The tables among what models managed. */
export function managedTables(managed: Iterable<string>): string[] {
  return [
    ...new Set(
      [...managed].map((name) => /^[^.#]*/.exec(name)?.[0] ?? name),
    ),
  ];
}

/** Managed tables that no model has any more and that are there. */
export function droppedTables(
  managed: Iterable<string>,
  models: readonly AnyModel[],
  live: Tables,
): LiveTable[] {
  const wanted = new Set(models.map(({ table }) => table));
  return managedTables(managed).filter((name) => !wanted.has(name))
    .flatMap((name) => live.get(name) ?? []);
}
