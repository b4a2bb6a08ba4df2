import { ownersOf, tablesIn } from "../../../migration_names.ts";
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

/** What models managed, under the names that tables and columns have after renames. */
export function underNewNames(
  managed: readonly string[],
  { tables, columns }: Renames,
): ReadonlySet<string> {
  const known = tablesIn(managed);
  return new Set(managed.map((name) => {
    const table = known.has(name)
      ? name
      : ownersOf(name).findLast((owner) => known.has(owner)) ?? name;
    const now = tables.get(table) ?? table;
    const rest = name.slice(table.length);
    const renamed = rest.startsWith(".") ? columns.get(name) : undefined;
    return renamed === undefined ? now + rest : place.column(now, renamed);
  }));
}

/** Managed tables that no model has any more and that are there. */
export function droppedTables(
  managed: readonly string[],
  models: readonly AnyModel[],
  live: Tables,
): LiveTable[] {
  const wanted = new Set(models.map(({ table }) => table));
  return [...tablesIn(managed)].flatMap((name) => live.get(name) ?? []).filter((
    { name },
  ) => !wanted.has(name) && !isPart(name, managed, live));
}

/** Whether a managed name may be that of a column, a constraint or an index that is there. */
function isPart(
  name: string,
  managed: readonly string[],
  live: Tables,
): boolean {
  return ownersOf(name).some((owner) => {
    const table = managed.includes(owner) ? live.get(owner) : undefined;
    return table !== undefined && (
      table.columns.some((column) =>
        place.column(owner, column.name) === name
      ) ||
      [...table.constraints, ...table.indexes].some((rule) =>
        place.rule(owner, rule.name) === name
      )
    );
  });
}
