import type { Intent } from "../../engine/migrations/mod.ts";
import { managedName, ownersOf, tablesIn } from "./managed_names.ts";
import {
  conflictingRenames,
  isPending,
  type ObjectWords,
  refuseChainedRenames,
  type Rename,
  requestedRename,
  type Sides,
  stateOf,
} from "./rename.ts";
import type { AnyModel } from "../../model/types.ts";

/** Tables, and the columns of each. */
export type Held = ReadonlyMap<string, ReadonlySet<string>>;

/** Pending renames. */
export interface Renames {
  /** The new names of tables by their old names. */
  readonly tables: ReadonlyMap<string, string>;
  /** The new names of columns by their old names, by the old name of their table. */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * Returns the pending renames that options and models request; an option
 * overrides a model.
 *
 * @throws {MigrationError} with exit code 7 if an option matches neither the
 * database nor the models, or if renames depend on each other
 */
export function renamesOf(
  models: readonly AnyModel[],
  { renames }: Pick<Intent, "renames">,
  live: Held,
  words: ObjectWords,
): Renames {
  const wanted = heldBy(models);
  const former = formerNames(models, renames, live, wanted);
  const sides: Sides = { live, wanted, former, words };
  const requested = [...renames].flatMap(([from, to]) =>
    requestedRename(from, to, sides) ?? []
  );
  const inModels = models.flatMap(({ table, renamedFrom, fields }) => [
    ...noted(undefined, renamedFrom, table),
    ...fields.flatMap(({ column, renamedFrom }) =>
      noted(table, renamedFrom, column)
    ),
  ]).filter((one) => !requested.some(isSame(one, "either")));
  refuseChainedRenames(inModels, sides);
  const all = [
    ...requested,
    ...inModels.filter((one) => isPending(one, sides)),
  ];
  for (const [index, one] of all.entries()) {
    const other = all.slice(0, index).find(isSame(one, "either"));
    if (other !== undefined && !isSame(one, "both")(other)) {
      throw conflictingRenames(one, other);
    }
  }
  const tables = new Map(
    all.flatMap(({ table, from, to }): [string, string][] =>
      table === undefined ? [[from, to]] : []
    ),
  );
  const before = new Map([...tables].map(([from, to]) => [to, from]));
  const columns = new Map<string, Map<string, string>>();
  for (const { table, from, to } of all) {
    if (table === undefined) continue;
    const old = before.get(table) ?? table;
    const own = columns.get(old) ?? new Map<string, string>();
    columns.set(old, own.set(from, to));
  }
  return { tables, columns };
}

function noted(
  table: string | undefined,
  from: string | undefined,
  to: string,
): Rename[] {
  return from === undefined || from === to ? [] : [{ table, from, to }];
}

/** Returns a test for renames of the same object that have both names, or either name, in common. */
function isSame(
  { table, from, to }: Rename,
  ends: "both" | "either",
): (other: Rename) => boolean {
  return (other) =>
    table === other.table &&
    (ends === "both"
      ? from === other.from && to === other.to
      : from === other.from || to === other.to);
}

/** Returns the tables that models define, and the columns of each. */
export function heldBy(models: readonly AnyModel[]): Held {
  return new Map(
    models.map(({ table, fields }) => [
      table,
      new Set(fields.map(({ column }) => column)),
    ]),
  );
}

/** Returns the former names of each model's table from options and model, and its current name last. */
function formerNames(
  models: readonly AnyModel[],
  renames: Intent["renames"],
  live: Held,
  wanted: Held,
): ReadonlyMap<string, readonly string[]> {
  return new Map(models.map(({ table, renamedFrom }) => {
    const names = [...renames].flatMap(([from, to]) =>
      to === table ? [from] : []
    );
    if (renamedFrom !== undefined) names.push(renamedFrom);
    const former = names.filter((name) =>
      ["pending", "done"].includes(stateOf(name, table, live, wanted))
    );
    return [table, [...former, table]];
  }));
}

/** Returns managed names after renames of tables and columns. */
export function underNewNames(
  managed: Iterable<string>,
  { tables, columns }: Renames,
): ReadonlySet<string> {
  const names = new Set(managed);
  const known = tablesIn(names);
  return new Set([...names].map((name) => {
    const table = known.has(name)
      ? name
      : ownersOf(name).findLast((owner) => known.has(owner)) ?? name;
    const current = tables.get(table) ?? table;
    const rest = name.slice(table.length);
    const renamed = rest.startsWith(".")
      ? columns.get(table)?.get(rest.slice(1))
      : undefined;
    return renamed === undefined
      ? current + rest
      : managedName.column(current, renamed);
  }));
}

/** Returns an intent with old and new names of the objects to drop and to fill. */
export function intentUnder(intent: Intent, renames: Renames): Intent {
  const both = (name: string): string[] => [
    name,
    ...underOne(name, renames),
  ];
  return {
    ...intent,
    drops: new Set([...intent.drops].flatMap(both)),
    defaults: new Map([
      ...[...intent.defaults].flatMap(([name, value]) =>
        underOne(name, renames).map((name): [string, string] => [name, value])
      ),
      ...intent.defaults,
    ]),
  };
}

/** Returns the new names of a column. */
function underOne(name: string, { tables, columns }: Renames): string[] {
  return [...new Set([...tables.keys(), ...columns.keys()])].flatMap((old) => {
    if (!name.startsWith(`${old}.`)) return [];
    const column = name.slice(old.length + 1);
    return [
      managedName.column(
        tables.get(old) ?? old,
        columns.get(old)?.get(column) ?? column,
      ),
    ];
  });
}
