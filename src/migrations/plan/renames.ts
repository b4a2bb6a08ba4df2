import type { Intent } from "../../engine/migrations/mod.ts";
import { ownersOf, place, tablesIn } from "./managed_names.ts";
import {
  isRename,
  refuseTangled,
  type Rename,
  renameTwice,
  saidRename,
  type Sides,
  stateOf,
  type Words,
} from "./rename.ts";
import type { AnyModel } from "../../model/types.ts";

/** What a database holds: tables, and the columns of each. */
export type Held = ReadonlyMap<string, ReadonlySet<string>>;

/** Renames that someone asked for and that are still to be made. */
export interface Renames {
  /** From old names of tables to new ones. */
  readonly tables: ReadonlyMap<string, string>;
  /** By the old name of a table, from old names of its columns to new ones. */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * The renames that options and models ask for. One that was made already is
 * quiet, and so is one of a model that an option says otherwise.
 *
 * @throws {MigrationError} with exit code 7 where what an option says fits
 * neither the database nor the models, and where renames wait for each other
 */
export function renamesOf(
  models: readonly AnyModel[],
  { renames }: Pick<Intent, "renames">,
  live: Held,
  words: Words,
): Renames {
  const wanted = heldBy(models);
  const former = formerNames(models, renames, live, wanted);
  const sides: Sides = { live, wanted, former, words };
  const said = [...renames].flatMap(([from, to]) =>
    saidRename(from, to, sides) ?? []
  );
  const notes = models.flatMap(({ table, renamedFrom, fields }) => [
    ...asked(undefined, renamedFrom, table),
    ...fields.flatMap(({ column, renamedFrom }) =>
      asked(table, renamedFrom, column)
    ),
  ]).filter((one) => !said.some(isSame(one, "either")));
  refuseTangled(notes, sides);
  const inModels = notes.filter((one) => isRename(one, sides));
  const all = [...said, ...inModels];
  for (const [at, one] of all.entries()) {
    const other = all.slice(0, at).find(isSame(one, "either"));
    if (other !== undefined && !isSame(one, "both")(other)) {
      throw renameTwice(one, other);
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

function asked(
  table: string | undefined,
  from: string | undefined,
  to: string,
): Rename[] {
  return from === undefined || from === to ? [] : [{ table, from, to }];
}

/** Whether two renames are of the same to the same, or of the one or to the other. */
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

/** The tables that models want, and the columns of each. */
export function heldBy(models: readonly AnyModel[]): Held {
  return new Map(
    models.map(({ table, fields }) => [
      table,
      new Set(fields.map(({ column }) => column)),
    ]),
  );
}

/** By the table of a model, what options and itself say that it was called, its name of now last. */
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
      ["open", "made"].includes(stateOf(name, table, live, wanted))
    );
    return [table, [...former, table]];
  }));
}

/** What models managed, under the names that tables and columns have after renames. */
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
    const now = tables.get(table) ?? table;
    const rest = name.slice(table.length);
    const renamed = rest.startsWith(".")
      ? columns.get(table)?.get(rest.slice(1))
      : undefined;
    return renamed === undefined ? now + rest : place.column(now, renamed);
  }));
}

/** The same of an intent: what may be dropped and what gets a value may have the names of before. */
export function intentUnder(intent: Intent, renames: Renames): Intent {
  const now = (name: string): string[] => [
    name,
    ...underOne(name, renames),
  ];
  return {
    ...intent,
    drops: new Set([...intent.drops].flatMap(now)),
    defaults: new Map([
      ...[...intent.defaults].flatMap(([name, value]) =>
        underOne(name, renames).map((name): [string, string] => [name, value])
      ),
      ...intent.defaults,
    ]),
  };
}

/** The names of after renames that a column of some table has. */
function underOne(name: string, { tables, columns }: Renames): string[] {
  return [...new Set([...tables.keys(), ...columns.keys()])].flatMap((old) => {
    if (!name.startsWith(`${old}.`)) return [];
    const column = name.slice(old.length + 1);
    return [
      place.column(
        tables.get(old) ?? old,
        columns.get(old)?.get(column) ?? column,
      ),
    ];
  });
}
