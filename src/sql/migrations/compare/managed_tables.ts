import {
  managedName,
  ownersOf,
  tablesIn,
} from "../../../migrations/plan/managed_names.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import type { Tables } from "./scratch_schema.ts";

/** Returns the existing managed tables that no model has now. */
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

/** Returns whether a managed name can be that of an existing column, constraint or index. */
function isPart(
  name: string,
  managed: readonly string[],
  live: Tables,
): boolean {
  return ownersOf(name).some((owner) => {
    const table = managed.includes(owner) ? live.get(owner) : undefined;
    return table !== undefined && (
      table.columns.some((column) =>
        managedName.column(owner, column.name) === name
      ) ||
      [...table.constraints, ...table.indexes].some((rule) =>
        managedName.rule(owner, rule.name) === name
      )
    );
  });
}
