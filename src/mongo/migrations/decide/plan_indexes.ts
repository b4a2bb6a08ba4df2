import type { Refusal } from "../../../migrations/plan/draft.ts";
import { type CollectionIndex, indexText } from "../../schema/collection.ts";
import type { LiveIndex } from "../../schema/live_collections.ts";
import {
  expires,
  liveIndexText,
  unmanagedIndexText,
} from "../compare/expiring_documents.ts";
import { canonicalText } from "../file/json.ts";
import { isTouched, renamedIndex } from "../steps/index_renames.ts";
import { build, specOf } from "../steps/index_steps.ts";
import { commandsText, refusedExpiry } from "./refused_collections.ts";

/** The existing and the wanted indexes of a collection. */
export interface Indexes {
  readonly collection: string;
  readonly live: readonly LiveIndex[];
  readonly wanted: readonly CollectionIndex[];
  /** The new names of fields by their old names. */
  readonly renames: ReadonlyMap<string, string>;
  /** Whether models manage an index of this name. */
  readonly isManaged: (name: string) => boolean;
  /** Whether the server can make an existing index unique. */
  readonly converts: boolean;
  /** Whether the server allows a unique index beside another one with the same keys. */
  readonly pairs: boolean;
}

/** The changes of the indexes of a collection. */
export interface IndexPlan {
  /** Dropped before all other steps: in the way of a new index, or over a dropped field. */
  readonly dropFirst: readonly LiveIndex[];
  readonly create: readonly CollectionIndex[];
  /** Made unique. */
  readonly convert: readonly LiveIndex[];
  /** Unhidden. */
  readonly show: readonly LiveIndex[];
  /** Dropped after all other steps. */
  readonly dropLast: readonly LiveIndex[];
  readonly unmanaged: readonly string[];
  readonly refused: readonly Refusal[];
}

/** An existing index that serves as a wanted one. */
interface Kept {
  readonly live: LiveIndex;
  readonly wanted: CollectionIndex;
  readonly change: "none" | "show" | "convert";
}

/** Compares indexes; their names only tell which of them models manage. */
export function planIndexes(
  { collection, live, wanted, renames, isManaged, converts, pairs }: Indexes,
): IndexPlan {
  const names = new Set(wanted.map(({ name }) => name));
  const remaining = new Set(live);
  const isOurs = (index: LiveIndex): boolean =>
    isManaged(index.name) || names.has(index.name) ||
    (isTouched(index, renames) &&
      wanted.some((one) => isSame(renamedIndex(index, renames), one)));
  const create: CollectionIndex[] = [];
  const dropFirst: LiveIndex[] = [];
  const refused: Refusal[] = [];
  const kept: Kept[] = [];
  const drop = (index: LiveIndex, list: LiveIndex[]): void => {
    remaining.delete(index);
    list.push(index);
  };
  const keep = (
    live: LiveIndex,
    wanted: CollectionIndex,
    change: Kept["change"],
  ): void => {
    remaining.delete(live);
    kept.push({ live, wanted, change });
  };
  for (const index of wanted) {
    const free = [...remaining].filter((one) => !isTouched(one, renames));
    const same = free.find((one) => isSame(one, index)) ??
      free.find((one) => !isOurs(one) && isSame(one, index, "or unique"));
    if (same !== undefined) {
      keep(same, index, same.spec.hidden && isOurs(same) ? "show" : "none");
      continue;
    }
    const plain = index.unique && converts
      ? free.find((one) =>
        isOurs(one) && isSame(one, { ...index, unique: false })
      )
      : undefined;
    if (plain === undefined) create.push(index);
    else keep(plain, index, "convert");
  }
  for (const index of create) {
    for (const other of remaining) {
      if (isTouched(other, renames) || !isInTheWay(other, index)) continue;
      // The new index is built before the other one is dropped.
      if (index.unique && !converts && pairs && canPair(other, index)) continue;
      if (isOurs(other)) drop(other, dropFirst);
      else refused.push(conflict(collection, other, index));
    }
    // The server cannot rename an index: one whose name another needs is built again.
    const position = kept.findIndex(({ live }) => live.name === index.name);
    for (
      const { live, wanted } of position === -1 ? [] : kept.splice(position, 1)
    ) {
      dropFirst.push(live);
      create.push(wanted);
    }
  }
  const dropLast: LiveIndex[] = [];
  for (const index of [...remaining].filter(isOurs)) {
    drop(index, isTouched(index, renames) ? dropFirst : dropLast);
  }
  for (const index of [...kept.map(({ live }) => live), ...dropFirst]) {
    if (!expires(index)) continue;
    const { expireAfterSeconds: _seconds, ...plain } = index.spec;
    refused.push(
      refusedExpiry(collection, index, build(collection, [plain], converts)),
    );
  }
  const all = (change: Kept["change"]): LiveIndex[] =>
    kept.filter((one) => one.change === change).map(({ live }) => live);
  return {
    dropFirst,
    create,
    convert: all("convert"),
    show: all("show"),
    dropLast,
    unmanaged: [...remaining].map((index) =>
      unmanagedIndexText(collection, index)
    ),
    refused,
  };
}

/**
 * Returns whether an existing index equals a wanted one.
 *
 * @param unique whether a unique index may serve as one that need not be unique
 */
function isSame(
  existing: CollectionIndex,
  wanted: CollectionIndex,
  unique?: "or unique",
): boolean {
  return hasSameKeys(existing, wanted) &&
    (existing.unique === wanted.unique ||
      (unique !== undefined && existing.unique));
}

/** Returns whether the server refuses both side by side: by name, or by keys and filter. */
function isInTheWay(one: CollectionIndex, other: CollectionIndex): boolean {
  return one.name === other.name || hasSameKeys(one, other);
}

/** Returns whether two indexes differ in their names, and one of them is unique. */
function canPair(one: CollectionIndex, other: CollectionIndex): boolean {
  return one.name !== other.name && one.unique !== other.unique;
}

function hasSameKeys(one: CollectionIndex, other: CollectionIndex): boolean {
  return JSON.stringify(one.keys) === JSON.stringify(other.keys) &&
    canonicalText(one.partial) === canonicalText(other.partial);
}

function conflict(
  collection: string,
  existing: LiveIndex,
  wanted: CollectionIndex,
): Refusal {
  return {
    change: `add the index ${
      indexText(wanted)
    } of ${collection}: the existing index ${
      liveIndexText(existing)
    }, which no model manages, has the same name or keys`,
    sketch: commandsText([
      { dbp: `destructive drop-index ${collection}#${existing.name}` },
      { dropIndexes: collection, index: existing.name },
      { createIndexes: collection, indexes: [specOf(wanted)] },
    ]),
  };
}
