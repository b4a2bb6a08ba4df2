import { MigrationError, suggestionText } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import { managedName, ownersOf } from "./managed_names.ts";
import { nearest } from "../../base/nearest.ts";

interface Names {
  has(name: string): boolean;
  keys(): Iterable<string>;
}

/** A rename of a table, or of a column in one. */
export interface Rename {
  /** The table of the column, as its model names it; undefined for a table. */
  readonly table: string | undefined;
  readonly from: string;
  readonly to: string;
}

/** The words of an engine for tables and columns. */
export interface ObjectWords {
  /** `table`. */
  readonly table: string;
  /** `column`. */
  readonly column: string;
}

/** The names that a rename can refer to. */
export interface Sides {
  /** The tables of the database, and the columns of each. */
  readonly live: ReadonlyMap<string, ReadonlySet<string>>;
  /** The tables of the models, and the columns of each. */
  readonly wanted: ReadonlyMap<string, ReadonlySet<string>>;
  /** The former names of each model's table, and its current name last. */
  readonly former: ReadonlyMap<string, readonly string[]>;
  readonly words: ObjectWords;
}

/**
 * Returns whether a rename is pending or done, its new name is occupied (or a
 * model still has the old name), or its names are unknown.
 */
export function stateOf(
  from: string,
  to: string,
  live: Names,
  wanted: Names,
): "pending" | "done" | "occupied" | "unknown" {
  if (!wanted.has(to)) return "unknown";
  if (!live.has(from)) return live.has(to) ? "done" : "unknown";
  return live.has(to) || wanted.has(from) ? "occupied" : "pending";
}

/** Returns whether a rename is not done yet. */
export function isPending({ table, from, to }: Rename, sides: Sides): boolean {
  const { live, wanted } = namesFor(table, sides);
  return stateOf(from, to, live, wanted) === "pending";
}

/** Returns the tables, or the columns of one table. */
function namesFor(
  table: string | undefined,
  { live, wanted, former }: Sides,
): { readonly live: Names; readonly wanted: Names } {
  if (table === undefined) return { live, wanted };
  const current = former.get(table)?.find((name) => live.has(name)) ?? table;
  return {
    live: live.get(current) ?? new Set<string>(),
    wanted: wanted.get(table) ?? new Set<string>(),
  };
}

/**
 * Returns the rename that an option requests: of a table, or of a column whose
 * table is written with its old or its new name. Undefined if it is already
 * done.
 *
 * @throws {MigrationError} with exit code 7 and the nearest name if a name is
 * unknown
 */
export function requestedRename(
  one: string,
  other: string,
  sides: Sides,
): Rename | undefined {
  const readings = readingsOf(one, other, sides).map((reading) => {
    const { live, wanted } = namesFor(reading.table, sides);
    const { from, to } = reading;
    return {
      ...reading,
      live,
      wanted,
      state: stateOf(from, to, live, wanted),
      known: Number(live.has(from)) + Number(wanted.has(to)),
    };
  });
  const [first, second] = readings.filter(({ state }) => state === "pending");
  if (first !== undefined && second === undefined) {
    const { table, from, to } = first;
    return { table, from, to };
  }
  const fail = (why: string): MigrationError =>
    new MigrationError(`Cannot rename ${one} to ${other}: ${why}`, {
      exitCode: EXIT.undecided,
    });
  if (first !== undefined) {
    throw fail(
      `this matches both a ${sides.words.table} and a ${sides.words.column}; write renamedFrom in the model instead`,
    );
  }
  if (readings.some(({ state }) => state === "done")) return undefined;
  const occupied = readings.find(({ state }) => state === "occupied");
  if (occupied !== undefined) {
    throw fail(
      occupied.live.has(occupied.to)
        ? "the database has both"
        : "the models still have the old name",
    );
  }
  const [best] = readings.toSorted((a, b) => b.known - a.known);
  const dotted = one.includes(".") && other.includes(".");
  if (
    best === undefined ||
    (dotted && best.table === undefined && best.known === 0)
  ) throw fail(noTableText(one, other, sides));
  const { table, from, to, live, wanted } = best;
  const name = (column: string): string =>
    table === undefined ? column : managedName.column(table, column);
  const what = table === undefined ? sides.words.table : sides.words.column;
  throw wanted.has(to)
    ? fail(
      `the database has no ${what} ${name(from)}${
        suggestion(from, live.keys(), name)
      }`,
    )
    : fail(
      `no model has a ${what} ${name(to)}${
        suggestion(to, wanted.keys(), name)
      }`,
    );
}

/** Returns all possible meanings of an option: columns of the table with the longest name first, a table last. */
function readingsOf(
  one: string,
  other: string,
  { former }: Sides,
): readonly Rename[] {
  const inTables = [...former].toSorted(([a], [b]) => b.length - a.length)
    .flatMap(([table, names]): Rename[] => {
      const from = within(one, names);
      const to = within(other, names);
      return from === undefined || to === undefined
        ? []
        : [{ table, from, to }];
    });
  return [...inTables, { table: undefined, from: one, to: other }];
}

function within(name: string, tables: readonly string[]): string | undefined {
  const table = tables.find((table) => name.startsWith(`${table}.`));
  return table === undefined ? undefined : name.slice(table.length + 1);
}

/** Returns why two names are not columns of one table. */
function noTableText(
  one: string,
  other: string,
  { live, former, words }: Sides,
): string {
  const tables = new Set([...live.keys(), ...[...former.values()].flat()]);
  const lost = [one, other].find((name) =>
    !ownersOf(name).some((owner) => tables.has(owner))
  );
  if (lost === undefined) {
    return `no model has both in one ${words.table}, and a ${words.column} cannot move to another ${words.table}`;
  }
  // A dot is more likely in the name of a table than of a column.
  const table = lost.slice(0, lost.lastIndexOf("."));
  return `neither the database nor a model has a ${words.table} ${table}${
    suggestion(table, tables)
  }`;
}

function suggestion(
  wrong: string,
  names: Iterable<string>,
  whole: (name: string) => string = (name) => name,
): string {
  const close = nearest(wrong, names);
  return suggestionText(close === undefined ? close : whole(close));
}

/** Returns the error for two renames that contradict each other. */
export function conflictingRenames(one: Rename, other: Rename): MigrationError {
  return new MigrationError(
    `Cannot rename ${renameText(one)}: another rename changes ${
      renameText(other)
    }`,
    { exitCode: EXIT.undecided },
  );
}

/**
 * Refuses renames in models that form a chain or a circle, in which one takes
 * the old name of another: after the first of them, the others are ambiguous.
 *
 * @throws {MigrationError} with exit code 7 and the rename to make first
 */
export function refuseChainedRenames(
  renames: readonly Rename[],
  sides: Sides,
): void {
  for (const one of renames) {
    const { live } = namesFor(one.table, sides);
    const chain = chainFrom(one, renames).filter(({ from }) => live.has(from));
    const [, next] = chain;
    if (!live.has(one.from) || next === undefined) continue;
    const isCircle = chain.at(-1)?.from === one.to;
    if (!isCircle && live.has(one.to)) continue;
    throw new MigrationError(
      `Cannot rename ${renameText(next)} while ${
        nameIn(one, one.from)
      } is renamed to ${nameIn(one, one.to)}: ${
        isCircle
          ? `give ${nameIn(one, one.from)} a third name`
          : `rename ${nameIn(one, one.from)}`
      } first, in a migration of its own, and add the other renamedFrom afterwards`,
      { exitCode: EXIT.undecided },
    );
  }
}

/** Returns a rename, the rename that takes its old name, and so on. */
function chainFrom(
  first: Rename,
  renames: readonly Rename[],
): readonly Rename[] {
  const chain = [first];
  for (;;) {
    const last = chain.at(-1);
    const next = renames.find(({ table, to }) =>
      table === last?.table && to === last?.from
    );
    if (next === undefined || chain.includes(next)) return chain;
    chain.push(next);
  }
}

function renameText(one: Rename): string {
  return `${nameIn(one, one.from)} to ${nameIn(one, one.to)}`;
}

function nameIn({ table }: Rename, name: string): string {
  return table === undefined ? name : managedName.column(table, name);
}
