import type { PlanOptions } from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import type { Change } from "../compare/change.ts";
import { compareTables } from "../compare/compare.ts";
import {
  type Renames,
  underNewNames,
} from "../../../migrations/plan/renames.ts";
import { droppedTables } from "../compare/managed_tables.ts";
import { rename } from "../steps/tables.ts";
import { equalDefaults } from "../compare/rewrites.ts";
import { renameChanges, tableRenames } from "../compare/renames.ts";
import {
  aside,
  copyTables,
  runAll,
  type Scratch,
  scratchTables,
  type Tables,
} from "../compare/scratch_schema.ts";
import { withUsers } from "../compare/dependents.ts";
import { seedStatements } from "../compare/literal.ts";
import { HISTORY } from "../../../migrations/history/record.ts";

/** What tells the tables from the models. */
export interface Difference {
  readonly changes: readonly Change[];
  /** What no model manages and no history lists. */
  readonly unmanaged: readonly string[];
  readonly renames: Renames;
  /** The tables that are there, under their new names. */
  readonly current: Tables;
}

/** Compares tables that are there with those that models want. */
export async function difference(
  scratch: Scratch,
  models: readonly AnyModel[],
  live: Tables,
  wanted: Tables,
  { intent, managed }: PlanOptions,
): Promise<Difference> {
  const renames = tableRenames(models, intent, live);
  const ours = underNewNames(managed, renames);
  const gone = droppedTables(managed, models, live).filter(({ name }) =>
    !renames.tables.has(name)
  );
  const current = await renamed(scratch, live, renames);
  const pairs = [...wanted.values()].flatMap((table) => {
    const there = current.get(table.name);
    return there === undefined ? [] : [[there, table] as const];
  });
  const same = await equalDefaults(scratch, pairs.flatMap(otherDefaults));
  const names = new Set(
    [...current.values()].flatMap(({ indexes, constraints }) =>
      [...indexes, ...constraints].map(({ name }) => name)
    ),
  );
  const compared = pairs.map(([there, table]) =>
    compareTables(there, table, {
      managed: ours,
      same,
      names,
      renamed: [...renames.tables.values()].includes(table.name),
    })
  );
  const known = new Set([
    ...wanted.keys(),
    ...gone.map(({ name }) => name),
    HISTORY,
  ]);
  return {
    changes: [
      ...renameChanges(renames),
      ...models.flatMap((model): Change[] => {
        const table = wanted.get(model.table);
        return table === undefined || current.has(model.table)
          ? []
          : [{ kind: "add-table", table, seed: seedStatements(model) }];
      }),
      ...compared.flatMap(({ changes }) => changes),
      ...gone.map((table): Change => ({ kind: "drop-table", table })),
    ],
    unmanaged: [
      ...[...current.keys()].filter((name) => !known.has(name)),
      ...compared.flatMap(({ unmanaged }) => unmanaged),
    ],
    renames,
    current,
  };
}

/** What tables are after renames, by the server's own word: expressions name columns too. */
async function renamed(
  scratch: Scratch,
  live: Tables,
  renames: Renames,
): Promise<Tables> {
  const changes = renameChanges(renames);
  if (changes.length === 0) return live;
  return await aside(scratch.tx, async () => {
    await copyTables(scratch, [...live.values()]);
    await runAll(
      scratch.tx,
      changes.flatMap((change) =>
        change.kind === "rename-table" || change.kind === "rename-column"
          ? rename(change).flatMap(({ statements }) => statements)
          : []
      ),
    );
    return withUsers(await scratchTables(scratch), live, renames);
  });
}

function otherDefaults(
  [there, wanted]: readonly [LiveTable, LiveTable],
): (readonly [string, string])[] {
  const old = new Map(there.columns.map((column) => [column.name, column]));
  return wanted.columns.flatMap((column) => {
    const left = old.get(column.name)?.default ?? null;
    const right = column.default;
    return left === null || right === null || left === right
      ? []
      : [[left, right] as const];
  });
}
