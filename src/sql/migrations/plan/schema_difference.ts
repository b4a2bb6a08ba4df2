import type { PlanOptions } from "../../../engine/migrations/mod.ts";
import { OWN_TABLES } from "../../../migrations/history/own_tables.ts";
import {
  type Renames,
  underNewNames,
} from "../../../migrations/plan/renames.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { Change } from "../../schema/change.ts";
import { compareAll } from "../../schema/compare_tables.ts";
import { withDependents } from "../compare/dependents.ts";
import { seedStatements } from "../compare/literal.ts";
import { droppedTables } from "../compare/managed_tables.ts";
import { renameChanges, tableRenames } from "../compare/renames.ts";
import type { Scratch, Tables } from "../compare/scratch_schema.ts";
import { renamedTables } from "./renamed_tables.ts";

/** The differences between tables and models. */
interface SchemaDifference {
  readonly changes: readonly Change[];
  /** The objects that no model manages and the history does not list. */
  readonly unmanaged: readonly string[];
  readonly renames: Renames;
  /** The existing tables under their new names. */
  readonly current: Tables;
}

/** Compares existing tables with the tables that models define. */
export async function differenceBetween(
  scratch: Scratch,
  models: readonly AnyModel[],
  live: Tables,
  wanted: Tables,
  { intent, managed }: PlanOptions,
): Promise<SchemaDifference> {
  const renames = tableRenames(models, intent, live);
  const dropped = droppedTables(managed, models, live)
    .filter(({ name }) => !renames.tables.has(name));
  const renamed = await renamedTables(scratch, live, renames);
  const current = renamed === live
    ? live
    : withDependents(renamed, live, renames);
  const compared = await compareAll(scratch.tx, current, wanted, {
    managed: underNewNames(managed, renames),
    renamed: new Set(renames.tables.values()),
  });
  const known = new Set([
    ...wanted.keys(),
    ...dropped.map(({ name }) => name),
    ...OWN_TABLES,
  ]);
  return {
    changes: [
      ...renameChanges(renames),
      ...models.flatMap((model): Change[] => {
        const to = wanted.get(model.table);
        return to === undefined || current.has(model.table) ? [] : [{
          kind: "table",
          table: model.table,
          from: undefined,
          to,
          seed: seedStatements(model),
        }];
      }),
      ...compared.changes,
      ...dropped.map((from): Change => ({
        kind: "table",
        table: from.name,
        from,
        to: undefined,
      })),
    ],
    unmanaged: [
      ...[...current.keys()].filter((name) => !known.has(name)),
      ...compared.unmanaged,
    ],
    renames,
    current,
  };
}
