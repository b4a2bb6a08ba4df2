import type { Document } from "mongodb";
import type { DraftStep, SchemaPlan } from "../../../engine/migrations/mod.ts";
import { type CollectionIndex, indexInWords } from "../../schema/collection.ts";
import { commandIn, entry, isDocument, printed } from "../file/json.ts";
import type { Live } from "../compare/live_collections.ts";
import { keyInWords, type ShardKey } from "../compare/shard_keys.ts";
import type { IndexPlan } from "../steps/indexes.ts";
import { copied } from "./refused.ts";

/** What a collection that is sharded is to become. */
export interface Spread {
  /** Its database, and its name once a rename is made. */
  readonly database: string;
  readonly name: string;
  readonly key: ShardKey;
  readonly live: Live;
  /** From old fields to new ones. */
  readonly renames: ReadonlyMap<string, string>;
  /** Fields that go, with their values. */
  readonly unset: readonly string[];
  /** What gives values to fields. */
  readonly fills: readonly DraftStep[];
  readonly indexes: IndexPlan;
}

type Refused = SchemaPlan["refused"][number];

/** What a cluster would refuse of the way there. */
export function refusedByShards(spread: Spread): Refused[] {
  return [
    ...refusedKeys(spread),
    ...refusedMoves(spread),
    ...refusedFills(spread),
    ...refusedDrops(spread),
  ];
}

/** Why a cluster would refuse the way back. */
export function noWayBack(
  { name, key, live, indexes }: Spread,
): string[] {
  const { create, convert, dropFirst, dropLast } = indexes;
  const moved = new Set([...convert, ...dropFirst, ...dropLast]);
  const stays = live.indexes.filter((index) => !moved.has(index));
  return isCarried(key, stays) || !isCarried(key, [...create, ...convert])
    ? []
    : [
      `on the way back ${name} would for a while have no index that begins with its shard key ${
        keyInWords(key)
      }, which MongoDB refuses`,
    ];
}

/** Why a collection cannot be renamed that is sharded, by a server before 5.0. */
export function refusedRename(
  from: string,
  to: string,
  key: ShardKey,
): Refused {
  return {
    change: `${from} is to become ${to} and is sharded by ${
      keyInWords(key)
    }, and MongoDB before 5.0 renames no sharded collection`,
    sketch: printedAll(copied(from, to)),
  };
}

function refusedKeys({ database, name, key, indexes }: Spread): Refused[] {
  const wanted: CollectionIndex[] = [
    ...indexes.create.filter(({ unique }) => unique),
    ...indexes.convert.map((index) => ({ ...index, unique: true })),
  ];
  return wanted.filter((index) => !keepsUnique(key, index)).map((index) => ({
    change: `${name} is sharded by ${keyInWords(key)}, and ${
      indexInWords(index)
    } does not begin with that: a cluster cannot keep it unique`,
    sketch: printedAll([
      byAdministrator({
        reshardCollection: `${database}.${name}`,
        key: Object.fromEntries(index.keys),
      }),
    ]),
  }));
}

function refusedMoves(
  { database, name, key, renames, unset }: Spread,
): Refused[] {
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
      change: `${name}.${from} ${
        to === undefined ? "goes" : `becomes ${name}.${to}`
      }, and ${name} is sharded by ${
        keyInWords(key)
      }, which no update of many documents may change`,
      sketch: printedAll([
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

function refusedFills({ name, key, fills }: Spread): Refused[] {
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
      change:
        `${name}.${column} gets a value where it has none, and ${name} is sharded by ${
          keyInWords(key)
        }, which no update of many documents may change`,
      sketch: printedAll([
        {
          comment:
            "One document at a time, each with its whole shard key in the filter.",
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

function refusedDrops({ name, key, live, indexes }: Spread): Refused[] {
  const { create, dropFirst, dropLast } = indexes;
  const goes = new Set([...dropFirst, ...dropLast]);
  const stays = live.indexes.filter((index) => !goes.has(index));
  const refuse = (index: CollectionIndex): Refused => ({
    change: `${name}: the index ${
      indexInWords(index)
    } goes, and it is the only one that begins with the shard key ${
      keyInWords(key)
    }, which MongoDB never lets go`,
    sketch: printed({
      createIndexes: name,
      indexes: [{ name: `${name}_shard_key`, key: { ...key, _id: 1 } }],
    }, ""),
  });
  const first = isCarried(key, [...stays, ...dropLast])
    ? []
    : dropFirst.filter((index) => isCarrier(key, index));
  const last = isCarried(key, [...stays, ...create])
    ? []
    : dropLast.filter((index) => isCarrier(key, index));
  return [...first, ...last].map(refuse);
}

/** Whether each shard can tell by itself that there is no other of these values. */
function keepsUnique(key: ShardKey, { keys }: CollectionIndex): boolean {
  return keys[0]?.[0] === "_id" ||
    Object.keys(key).every((column, place) => keys[place]?.[0] === column);
}

/** Whether some index carries a shard key; every collection has one on `_id`. */
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
    Object.entries(key).every(([column, direction], place) =>
      keys[place]?.[0] === column &&
      String(keys[place]?.[1]) === String(direction)
    );
}

/** The fields that an update gives values to. */
function writtenBy(change: unknown): string[] {
  return [change].flat().flatMap((stage) => {
    const set = entry(stage, "$set");
    return isDocument(set) ? Object.keys(set) : [];
  });
}

function byAdministrator(command: Document): Document {
  return {
    comment: `First, by an administrator, on the database admin: ${
      printed(command, "")
    }`,
  };
}

function printedAll(commands: readonly Document[]): string {
  return commands.map((command) => printed(command, "")).join(",\n");
}
