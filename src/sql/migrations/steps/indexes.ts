import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveIndex } from "../../schema/introspect.ts";
import { createIndex } from "../../schema/recreate.ts";
import { shortName } from "../../schema/table.ts";
import { isPartitioned } from "./partitions.ts";
import {
  concurrent,
  type FileContext,
  quick,
  type SqlStep,
  step,
} from "./planned_step.ts";

/** Adds, drops or replaces an index while others read and write. */
export function indexSteps(
  { table, from: before, to: wanted }: ChangeOf<"index">,
  context: FileContext,
): SqlStep[] {
  // A down migration does not restore an index whose build never finished.
  const after = wanted?.valid === false && context.direction === "down" &&
      before !== undefined
    ? undefined
    : wanted;
  if (after === undefined) {
    return before === undefined ? [] : [dropIndex(table, before, context)];
  }
  if (before === undefined) return addIndex(table, after, context);
  // The runner drops an invalid index before it builds the new one.
  if (!before.valid && !isPartitioned(table, context.tables)) {
    return [
      ...build(table, after, context),
      ...setStorage(table, after, before),
    ];
  }
  const built = { ...after, name: shortName(`${after.name}_new`) };
  return [
    ...build(table, built, context),
    dropIndex(table, before, context),
    renameWhole(table, built, after, context),
    ...setStorage(table, after, before),
  ];
}

/** Drops an index before its column gets another type, because the server would rebuild it under a lock, and builds it afterwards. */
export function rebuildSteps(
  { table, from: before, to: after }: ChangeOf<"rebuild">,
  context: FileContext,
): SqlStep[] {
  const drop = dropIndex(table, before, context);
  return [
    {
      ...drop,
      phase: "clear",
      comments: [
        ...drop.comments ?? [],
        `Reads are slower until the last steps rebuild the index ${after.name}: it does not fit the new type.`,
      ],
    },
    ...build(table, after, context),
    ...setStorage(table, after, before),
  ];
}

function addIndex(
  table: string,
  index: LiveIndex,
  context: FileContext,
): SqlStep[] {
  const built = unlessOccupied(index, context);
  return [
    ...build(table, built, context),
    ...built === index ? [] : [renameWhole(table, built, index, context)],
    ...setStorage(table, index),
  ];
}

function dropIndex(
  table: string,
  { name }: LiveIndex,
  { tables }: FileContext,
): SqlStep {
  if (!isPartitioned(table, tables)) {
    return concurrent(
      "retire",
      table,
      `DROP INDEX CONCURRENTLY ${named(name)}`,
    );
  }
  return {
    ...quick("retire", table, `DROP INDEX ${named(name)}`),
    ignored: [{
      rule: "drop-index",
      why: `${table} is partitioned, so CONCURRENTLY is not available`,
    }],
    comments: [
      `Nobody can use ${table} while the server drops this index: CONCURRENTLY is not available for a partitioned table.`,
    ],
  };
}

/** Applies the storage parameters that an administrator set on an index or on its predecessor. */
function setStorage(
  table: string,
  index: LiveIndex,
  before = index,
): SqlStep[] {
  const storage = index.storage ?? before.storage;
  return storage === null ? [] : [
    quick("swap", table, `ALTER INDEX ${named(index.name)} SET (${storage})`),
  ];
}

function build(
  table: string,
  index: LiveIndex,
  { tables }: FileContext,
): SqlStep[] {
  const create = (name: string, on: string): SqlStep =>
    concurrent(
      "build",
      table,
      createIndex({ ...index, name }, on, "CONCURRENTLY "),
    );
  const live = tables.get(table);
  if (live === undefined || live.partition === null) {
    return [create(index.name, table)];
  }
  const parts = live.parts.map(({ name }) => ({
    table: name,
    index: partName(index, name),
  }));
  return [
    {
      ...step("build", table, createIndex(index, table, "", "ONLY ")),
      comments: [
        `The index ${index.name} is usable when all partitions have their part of it; the next steps build these parts one by one.`,
      ],
    },
    ...parts.map((part) => create(part.index, part.table)),
    step(
      "build",
      table,
      ...parts.map((part) =>
        `ALTER INDEX ${named(index.name)} ATTACH PARTITION ${named(part.index)}`
      ),
    ),
  ];
}

/** Returns the index under a temporary name if the same file drops another one of its name. */
export function unlessOccupied(
  index: LiveIndex,
  context: FileContext,
): LiveIndex {
  return isDropped(index.name, context)
    ? { ...index, name: shortName(`${index.name}_new`) }
    : index;
}

/** Returns the name of the part of an index on a partition. */
function partName({ name }: LiveIndex, partition: string): string {
  return shortName(`${name}_${partition}`);
}

/** Renames an index and its parts on partitions. */
function renameWhole(
  table: string,
  from: LiveIndex,
  to: LiveIndex,
  { tables }: FileContext,
): SqlStep {
  const { partition = null, parts = [] } = tables.get(table) ?? {};
  const names = partition === null
    ? []
    : parts.map(({ name }) =>
      [partName(from, name), partName(to, name)] as const
    );
  return quick(
    "swap",
    table,
    ...[[from.name, to.name] as const, ...names].map(renameText),
  );
}

/** Renames an index at the end of a file. */
export function renameIndex(table: string, from: string, to: string): SqlStep {
  return quick("swap", table, renameText([from, to]));
}

function renameText([from, to]: readonly [string, string]): string {
  return `ALTER INDEX ${named(from)} RENAME TO ${named(to)}`;
}

/** Returns whether the file drops an index of this name, or replaces it by one of another name. */
export function isDropped(name: string, { changes }: FileContext): boolean {
  return changes.some((change) => {
    if (change.kind === "index") return change.from?.name === name;
    if (change.kind === "constraint") {
      return change.from?.name === name && change.to?.name !== name;
    }
    return change.kind === "table" && change.to === undefined &&
      [...change.from?.indexes ?? [], ...change.from?.constraints ?? []]
        .some((rule) => rule.name === name);
  });
}
