import type { Document } from "mongodb";
import type { DraftStep } from "../../../engine/migrations/mod.ts";
import type { Refusal } from "../../../migrations/plan/draft.ts";
import { type CollectionIndex, indexText } from "../../schema/collection.ts";
import { entry, isDocument } from "../../schema/documents.ts";
import type { LiveCollection } from "../../schema/live_collections.ts";
import { type ShardKey, shardKeyText } from "../compare/shard_keys.ts";
import { commandIn } from "../file/json.ts";
import type { IndexPlan } from "./plan_indexes.ts";
import { commandsText, copied } from "./refused_collections.ts";

/** The changes of a sharded collection. */
interface ShardedChange {
  /** Its database and its new name. */
  readonly database: string;
  readonly name: string;
  readonly key: ShardKey;
  readonly live: LiveCollection;
  /** The new names of fields by their old names. */
  readonly renames: ReadonlyMap<string, string>;
  /** Fields that are dropped with their values. */
  readonly unset: readonly string[];
  /** The steps that fill fields. */
  readonly fills: readonly DraftStep[];
  readonly indexes: IndexPlan;
}

/** Refuses the changes that a cluster would reject. */
export function refusedByShards(change: ShardedChange): Refusal[] {
  return [
    ...refusedKeys(change),
    ...refusedMoves(change),
    ...refusedFills(change),
    ...refusedDrops(change),
  ];
}

/** Returns why a cluster would reject the down migration. */
export function irreversibleByShards(
  { name, key, live, indexes }: ShardedChange,
): string[] {
  const { create, convert, dropFirst, dropLast } = indexes;
  const moved = new Set([...convert, ...dropFirst, ...dropLast]);
  const kept = live.indexes.filter((index) => !moved.has(index));
  return isCarried(key, kept) || !isCarried(key, [...create, ...convert])
    ? []
    : [
      `the down migration would leave ${name} without an index that begins with its shard key ${
        shardKeyText(key)
      } for a while, which MongoDB rejects`,
    ];
}

/** Refuses to rename a sharded collection on a server before 5.0. */
export function refusedRename(
  from: string,
  to: string,
  key: ShardKey,
): Refusal {
  return {
    change: `rename the collection ${from} to ${to}: it is sharded by ${
      shardKeyText(key)
    }, and MongoDB before 5.0 cannot rename a sharded collection`,
    sketch: commandsText(copied(from, to)),
  };
}

function refusedKeys(
  { database, name, key, indexes }: ShardedChange,
): Refusal[] {
  const wanted: CollectionIndex[] = [
    ...indexes.create.filter(({ unique }) => unique),
    ...indexes.convert.map((index) => ({ ...index, unique: true })),
  ];
  return wanted.filter((index) => !keepsUnique(key, index)).map((index) => ({
    change: `add the unique index ${
      indexText(index)
    } of ${name}: the collection is sharded by ${
      shardKeyText(key)
    }, and a cluster cannot enforce a unique index that does not begin with the shard key`,
    sketch: commandsText([
      byAdministrator({
        reshardCollection: `${database}.${name}`,
        key: Object.fromEntries(index.keys),
      }),
    ]),
  }));
}

function refusedMoves(
  { database, name, key, renames, unset }: ShardedChange,
): Refusal[] {
  const moves: (readonly [string, string | undefined])[] = [
    ...renames,
    ...unset.map((column) => [column, undefined] as const),
  ];
  return moves.filter((move) =>
    move.some((column) => column !== undefined && Object.hasOwn(key, column))
  ).map(([from, to]) => {
    const other = Object.fromEntries(
      Object.entries(key).flatMap(([column, direction]) => {
        if (column !== from) return [[column, direction]];
        return to === undefined ? [] : [[to, direction]];
      }),
    );
    const next = Object.keys(other).length > 0 ? other : { _id: "hashed" };
    return {
      change: `${
        to === undefined
          ? `drop the field ${name}.${from}`
          : `rename the field ${name}.${from} to ${to}`
      }: ${fixedKeyText(name, key)}`,
      sketch: commandsText([
        byAdministrator({
          shardCollection: `${database}.${name}_new`,
          key: next,
        }),
        ...copied(
          name,
          name,
          ...to === undefined ? [] : [{ $set: { [to]: `$${from}` } }],
          { $unset: from },
        ),
      ]),
    };
  });
}

function refusedFills({ name, key, fills }: ShardedChange): Refusal[] {
  return fills.flatMap(({ statements }) => statements.map(commandIn)).flatMap((
    command,
  ) => {
    const [part]: unknown[] = command.updates;
    const column = writtenBy(entry(part, "u")).find((column) =>
      Object.hasOwn(key, column)
    );
    if (column === undefined) return [];
    const { q, u } = { q: entry(part, "q"), u: entry(part, "u") };
    const others = Object.keys(key).filter((field) => field !== column);
    return [{
      change: `fill the field ${name}.${column}: ${fixedKeyText(name, key)}`,
      sketch: commandsText([
        {
          comment:
            "Update one document at a time, with its whole shard key in the filter.",
        },
        {
          update: name,
          updates: [{
            q: {
              ...isDocument(q) ? q : {},
              ...Object.fromEntries(others.map((field) => [field, "…"])),
            },
            u,
          }],
        },
      ]),
    }];
  });
}

function refusedDrops({ name, key, live, indexes }: ShardedChange): Refusal[] {
  const { create, dropFirst, dropLast } = indexes;
  const dropped = new Set([...dropFirst, ...dropLast]);
  const kept = live.indexes.filter((index) => !dropped.has(index));
  const refuse = (index: CollectionIndex): Refusal => ({
    change: `drop the index ${
      indexText(index)
    } of ${name}: it is the only one that begins with the shard key ${
      shardKeyText(key)
    }, and MongoDB requires one`,
    sketch: commandsText([{
      createIndexes: name,
      indexes: [{ name: `${name}_shard_key`, key: { ...key, _id: 1 } }],
    }]),
  });
  const first = isCarried(key, [...kept, ...dropLast])
    ? []
    : dropFirst.filter((index) => isCarrier(key, index));
  const last = isCarried(key, [...kept, ...create])
    ? []
    : dropLast.filter((index) => isCarrier(key, index));
  return [...first, ...last].map(refuse);
}

/** Returns whether each shard can enforce a unique index by itself. */
function keepsUnique(key: ShardKey, { keys }: CollectionIndex): boolean {
  return keys[0]?.[0] === "_id" ||
    Object.keys(key).every((column, index) => keys[index]?.[0] === column);
}

/** Returns whether an index begins with the shard key; every collection has one on `_id`. */
function isCarried(
  key: ShardKey,
  indexes: readonly CollectionIndex[],
): boolean {
  const isId = Object.keys(key).join() === "_id" && Number(key._id) === 1;
  return isId || indexes.some((index) => isCarrier(key, index));
}

function isCarrier(
  key: ShardKey,
  { keys, partial }: CollectionIndex,
): boolean {
  return partial === undefined &&
    Object.entries(key).every(([column, direction], index) =>
      keys[index]?.[0] === column &&
      String(keys[index]?.[1]) === String(direction)
    );
}

/** Returns the fields that an update sets. */
function writtenBy(change: unknown): string[] {
  return [change].flat().flatMap((stage) => {
    const set = entry(stage, "$set");
    return isDocument(set) ? Object.keys(set) : [];
  });
}

function byAdministrator(command: Document): Document {
  return {
    comment: `First let an administrator run this on the database admin: ${
      commandsText([command])
    }`,
  };
}

function fixedKeyText(collection: string, key: ShardKey): string {
  return `${collection} is sharded by ${
    shardKeyText(key)
  }, and an update of many documents cannot change the shard key`;
}
