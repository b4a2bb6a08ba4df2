import { MigrationError, suggestionText } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import { ownersOf, place } from "./managed_names.ts";
import { nearest } from "../../base/nearest.ts";

/** Names that something has or is to have. */
interface Names {
  has(name: string): boolean;
  keys(): Iterable<string>;
}

/** A rename of a table, or of a column in one. */
export interface Rename {
  /** The table as its model has it; undefined where it is the table that is renamed. */
  readonly table: string | undefined;
  readonly from: string;
  readonly to: string;
}

/** What an engine calls tables and columns. */
export interface Words {
  /** `table`. */
  readonly table: string;
  /** `column`. */
  readonly column: string;
}

/** What renames go between. */
export interface Sides {
  /** The database's tables, and the columns of each. */
  readonly live: ReadonlyMap<string, ReadonlySet<string>>;
  /** The models' tables, and the columns of each. */
  readonly wanted: ReadonlyMap<string, ReadonlySet<string>>;
  /** By the table of a model, all the names that it had, its name of now last. */
  readonly former: ReadonlyMap<string, readonly string[]>;
  readonly words: Words;
}

/**
 * What a rename is: still to be made, made already, to a name that is there
 * beside the old one, or of names that are not known. What a model goes on to
 * have is not renamed.
 */
export function stateOf(
  from: string,
  to: string,
  live: Names,
  wanted: Names,
): "open" | "made" | "taken" | "unknown" {
  if (!wanted.has(to)) return "unknown";
  if (!live.has(from)) return live.has(to) ? "made" : "unknown";
  return live.has(to) || wanted.has(from) ? "taken" : "open";
}

/** Whether a rename is still to be made. */
export function isRename({ table, from, to }: Rename, sides: Sides): boolean {
  const { live, wanted } = namesFor(table, sides);
  return stateOf(from, to, live, wanted) === "open";
}

/** The names among which a rename is looked for. */
function namesFor(
  table: string | undefined,
  { live, wanted, former }: Sides,
): { readonly live: Names; readonly wanted: Names } {
  if (table === undefined) return { live, wanted };
  const now = former.get(table)?.find((name) => live.has(name)) ?? table;
  return {
    live: live.get(now) ?? new Set<string>(),
    wanted: wanted.get(table) ?? new Set<string>(),
  };
}

/**
 * What an option says is renamed: a table, or a column within one, whose table
 * has its old name or its new one. Undefined where that was made already.
 *
 * @throws {MigrationError} with exit code 7, naming what is not known and the
 * nearest that is
 */
export function saidRename(
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
  const open = readings.filter(({ state }) => state === "open");
  const [first, second] = open;
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
      `that can be a ${sides.words.table} or a ${sides.words.column} in one; say it with renamedFrom in the model`,
    );
  }
  if (readings.some(({ state }) => state === "made")) return undefined;
  const taken = readings.find(({ state }) => state === "taken");
  if (taken !== undefined) {
    throw fail(
      taken.live.has(taken.to)
        ? "both are there"
        : "the models have the old one too",
    );
  }
  const [best] = readings.toSorted((a, b) => b.known - a.known);
  const dotted = one.includes(".") && other.includes(".");
  if (
    best === undefined ||
    (dotted && best.table === undefined && best.known === 0)
  ) throw fail(whyNoTable(one, other, sides));
  const { table, from, to, live, wanted } = best;
  const name = (column: string): string =>
    table === undefined ? column : place.column(table, column);
  const what = table === undefined ? sides.words.table : sides.words.column;
  throw wanted.has(to)
    ? fail(
      `the database has no ${what} ${name(from)}${
        meant(from, live.keys(), name)
      }`,
    )
    : fail(
      `no model has a ${what} ${name(to)}${meant(to, wanted.keys(), name)}`,
    );
}

/** All that an option may mean: a column of the table with the longest name first, a table last. */
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

/** Why names of columns are in no table. */
function whyNoTable(
  one: string,
  other: string,
  { live, former, words }: Sides,
): string {
  const tables = new Set([...live.keys(), ...[...former.values()].flat()]);
  const lost = [one, other].find((name) =>
    !ownersOf(name).some((owner) => tables.has(owner))
  );
  if (lost === undefined) {
    return `a ${words.column} stays in its ${words.table}, and no model has them in one`;
  }
  // Rather a table than a column has a dot in its name.
  const table = lost.slice(0, lost.lastIndexOf("."));
  return `there is no ${words.table} ${table}${meant(table, tables)}`;
}

function meant(
  wrong: string,
  names: Iterable<string>,
  whole: (name: string) => string = (name) => name,
): string {
  const close = nearest(wrong, names);
  return suggestionText(close === undefined ? close : whole(close));
}

/** Two renames that cannot both be made. */
export function renameTwice(one: Rename, other: Rename): MigrationError {
  return new MigrationError(
    `Cannot rename ${sayRename(one, "to")}: ${
      nameIn(one, other.from)
    } becomes ${nameIn(one, other.to)}`,
    { exitCode: EXIT.undecided },
  );
}

/**
 * Refuses renames of models of which one takes the name that another gives up,
 * in a row or in a circle: what a note means cannot be told once the first is
 * made.
 *
 * @throws {MigrationError} with exit code 7, naming which comes first
 */
export function refuseTangled(notes: readonly Rename[], sides: Sides): void {
  for (const one of notes) {
    const { live } = namesFor(one.table, sides);
    const row = rowTo(one, notes).filter(({ from }) => live.has(from));
    const [, next] = row;
    if (!live.has(one.from) || next === undefined) continue;
    const isCircle = row.at(-1)?.from === one.to;
    if (!isCircle && live.has(one.to)) continue;
    throw new MigrationError(
      `Cannot rename ${sayRename(next, "to")} while ${
        sayRename(one, "becomes")
      }: ${
        isCircle
          ? `give ${nameIn(one, one.from)} a third name`
          : `rename ${nameIn(one, one.from)}`
      } first, in a migration of its own, and write the other renamedFrom after that`,
      { exitCode: EXIT.undecided },
    );
  }
}

/** A rename, then the one that takes the name that it gives up, and so on. */
function rowTo(first: Rename, notes: readonly Rename[]): readonly Rename[] {
  const row = [first];
  for (;;) {
    const last = row.at(-1);
    const next = notes.find(({ table, to }) =>
      table === last?.table && to === last?.from
    );
    if (next === undefined || row.includes(next)) return row;
    row.push(next);
  }
}

function sayRename(one: Rename, verb: string): string {
  return `${nameIn(one, one.from)} ${verb} ${nameIn(one, one.to)}`;
}

function nameIn({ table }: Rename, name: string): string {
  return table === undefined ? name : place.column(table, name);
}
