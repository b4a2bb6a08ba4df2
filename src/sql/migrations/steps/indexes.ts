import type { LiveIndex } from "../../schema/introspect.ts";
import { shortName } from "../../schema/table.ts";
import type { Change, ChangeOf } from "../compare/change.ts";
import { createIndex } from "../compare/create_sql.ts";
import type { Making, Piece } from "./piece.ts";
import { named } from "../../codec/quote.ts";

/** Builds an index beside those who write. */
export function addIndex(
  { table, index }: ChangeOf<"add-index">,
  making: Making,
): Piece[] {
  const built = unlessTaken(index, making.all);
  return [
    ...build(table, built, making),
    ...built === index ? [] : [swapWhole(table, built, index, making)],
    ...stored(table, index),
  ];
}

/** Drops an index beside those who read and write. */
export function dropIndex(
  { table, index }: ChangeOf<"drop-index">,
  { tables }: Making,
): Piece[] {
  const split = (tables.get(table)?.partition ?? null) !== null;
  return [
    split
      ? {
        phase: "retire",
        table,
        how: "quick",
        statements: [`DROP INDEX ${named(index.name)}`],
        ignored: {
          rule: "drop-index",
          why: `${table} is split, where there is no CONCURRENTLY`,
        },
        comments: [
          `${table} is split, and the server drops its indexes only while nobody uses it.`,
        ],
      }
      : {
        phase: "retire",
        table,
        how: "concurrent",
        statements: [`DROP INDEX CONCURRENTLY ${named(index.name)}`],
      },
  ];
}

/** Builds the other index first, so that there is always one, and gives it the name at the end. */
export function changeIndex(
  { table, from, to }: ChangeOf<"change-index">,
  making: Making,
): Piece[] {
  const split = (making.tables.get(table)?.partition ?? null) !== null;
  // What was never built to its end is cleared away by whoever runs the file.
  if (!from.valid && !split) {
    return [...build(table, to, making), ...stored(table, to, from)];
  }
  const built = { ...to, name: shortName(`${to.name}_new`) };
  return [
    ...build(table, built, making),
    ...dropIndex({ kind: "drop-index", table, index: from }, making),
    swapWhole(table, built, to, making),
    ...stored(table, to, from),
  ];
}

/** Drops an index before its column gets another type, for the server would build it anew under a lock, and builds it afterwards. */
export function rebuildIndex(
  { table, from, to }: ChangeOf<"rebuild-index">,
  making: Making,
): Piece[] {
  const [drop, ...others] = dropIndex(
    { kind: "drop-index", table, index: from },
    making,
  );
  return [
    ...drop === undefined ? [] : [{
      ...drop,
      phase: "clear" as const,
      comments: [
        ...drop.comments ?? [],
        `Until it is built again at the end, reading is slower: it does not fit the other type.`,
      ],
    }],
    ...others,
    ...build(table, to, making),
    ...stored(table, to, from),
  ];
}

/** Gives an index the storage parameters that somebody gave to it or to the one before it. */
function stored(
  table: string,
  index: LiveIndex,
  before = index,
): Piece[] {
  const storage = index.storage ?? before.storage;
  return storage === null ? [] : [{
    phase: "swap",
    table,
    how: "quick",
    statements: [`ALTER INDEX ${named(index.name)} SET (${storage})`],
  }];
}

function build(table: string, index: LiveIndex, { tables }: Making): Piece[] {
  const there = tables.get(table);
  if (there === undefined || there.partition === null) {
    return [concurrently(table, createIndex(index, table, "CONCURRENTLY "))];
  }
  const parts = there.parts.map(({ name }) => ({
    table: name,
    index: partName(index, name),
  }));
  return [
    {
      phase: "build",
      table,
      how: "short",
      statements: [createIndex(index, table, "", "ONLY ")],
      comments: [
        `It is of use once each partition has its part, which are built one by one.`,
      ],
    },
    ...parts.map((part) =>
      concurrently(
        table,
        createIndex(
          { ...index, name: part.index },
          part.table,
          "CONCURRENTLY ",
        ),
      )
    ),
    {
      phase: "build",
      table,
      how: "short",
      statements: parts.map((part) =>
        `ALTER INDEX ${named(index.name)} ATTACH PARTITION ${named(part.index)}`
      ),
    },
  ];
}

function concurrently(table: string, statement: string): Piece {
  return { phase: "build", table, how: "concurrent", statements: [statement] };
}

/** An index under a name for the time being, where its own goes in the same file. */
export function unlessTaken(
  index: LiveIndex,
  all: readonly Change[],
): LiveIndex {
  return goes(index.name, all)
    ? { ...index, name: shortName(`${index.name}_new`) }
    : index;
}

/** The name of the part of an index that a partition has. */
function partName({ name }: LiveIndex, partition: string): string {
  return shortName(`${name}_${partition}`);
}

/** Gives an index its name at the end, and the parts of one that is split theirs, so that another can be built beside it again. */
function swapWhole(
  table: string,
  from: LiveIndex,
  to: LiveIndex,
  { tables }: Making,
): Piece {
  const { partition = null, parts = [] } = tables.get(table) ?? {};
  const names = partition === null
    ? []
    : parts.map(({ name }) =>
      swap(table, partName(from, name), partName(to, name))
    );
  return {
    ...swap(table, from.name, to.name),
    statements: [swap(table, from.name, to.name), ...names].flatMap((
      { statements },
    ) => statements),
  };
}

/** Gives an index its name at the end. */
export function swap(table: string, from: string, to: string): Piece {
  return {
    phase: "swap",
    table,
    how: "quick",
    statements: [`ALTER INDEX ${named(from)} RENAME TO ${named(to)}`],
  };
}

/** Whether an index of this name goes in the same file. */
function goes(name: string, all: readonly Change[]): boolean {
  return all.some((change) =>
    (change.kind === "drop-index" && change.index.name === name) ||
    (change.kind === "change-index" && change.from.name === name) ||
    (change.kind === "drop-table" &&
      [...change.table.indexes, ...change.table.constraints].some((index) =>
        index.name === name
      ))
  );
}
