import type { SchemaPlan } from "../../../engine/migrations/mod.ts";
import { type CollectionIndex, indexInWords } from "../../schema/collection.ts";
import { canonicalText, printed } from "../file/json.ts";
import type { LiveIndex } from "../compare/live_collections.ts";
import {
  besideInWords,
  expires,
  liveInWords,
  refusedExpiry,
} from "../compare/expiring_documents.ts";
import { isTouched, renamed } from "./index_renames.ts";
import { build, specOf } from "./index_steps.ts";

/** Indexes as they are, as they are to be, and what else is known of them. */
export interface Indexes {
  readonly collection: string;
  readonly live: readonly LiveIndex[];
  readonly wanted: readonly CollectionIndex[];
  /** From old fields to new ones. */
  readonly renames: ReadonlyMap<string, string>;
  /** Whether models manage an index of this name. */
  readonly isManaged: (name: string) => boolean;
  /** Whether the server can make an index unique that is there. */
  readonly converts: boolean;
}

/** What is to be done about indexes. */
export interface IndexPlan {
  /** Those in the way of what follows, or whose fields go: first of all. */
  readonly dropFirst: readonly LiveIndex[];
  readonly create: readonly CollectionIndex[];
  /** Those that become unique as they are. */
  readonly convert: readonly LiveIndex[];
  /** Those that are hidden and should serve. */
  readonly show: readonly LiveIndex[];
  /** Those that no model asks for any more: last of all. */
  readonly dropLast: readonly LiveIndex[];
  readonly unmanaged: readonly string[];
  readonly refused: SchemaPlan["refused"];
}

/** An index that is there, and the one that it is to be. */
interface Kept {
  readonly live: LiveIndex;
  readonly wanted: CollectionIndex;
  readonly how: "serve" | "show" | "convert";
}

/** Compares indexes. Their names do not count, but they tell whose they are. */
export function planIndexes(
  { collection, live, wanted, renames, isManaged, converts }: Indexes,
): IndexPlan {
  const names = new Set(wanted.map(({ name }) => name));
  const left = new Set(live);
  const isOurs = (index: LiveIndex): boolean =>
    isManaged(index.name) || names.has(index.name) ||
    (isTouched(index, renames) &&
      wanted.some((one) => sameIndex(renamed(index, renames), one)));
  const create: CollectionIndex[] = [];
  const dropFirst: LiveIndex[] = [];
  const refused: SchemaPlan["refused"][number][] = [];
  const kept: Kept[] = [];
  const take = (index: LiveIndex, list: LiveIndex[]): void => {
    left.delete(index);
    list.push(index);
  };
  const keep = (live: LiveIndex, by: CollectionIndex, how: Kept["how"]) => {
    left.delete(live);
    kept.push({ live, wanted: by, how });
  };
  for (const index of wanted) {
    const free = [...left].filter((one) => !isTouched(one, renames));
    const same = free.find((one) => sameIndex(one, index)) ??
      free.find((one) => !isOurs(one) && sameIndex(one, index, "or unique"));
    if (same !== undefined) {
      keep(same, index, same.spec.hidden && isOurs(same) ? "show" : "serve");
      continue;
    }
    const plain = index.unique
      ? free.find((one) =>
        isOurs(one) && sameIndex(one, { ...index, unique: false })
      )
      : undefined;
    if (plain !== undefined) {
      keep(plain, index, "convert");
      continue;
    }
    create.push(index);
  }
  for (const index of create) {
    for (const other of left) {
      if (isTouched(other, renames) || !inTheWay(other, index)) continue;
      if (isOurs(other)) take(other, dropFirst);
      else refused.push(conflict(collection, other, index));
    }
    // The server cannot give an index another name: one whose name is wanted for another is built again.
    const at = kept.findIndex(({ live }) => live.name === index.name);
    for (const { live, wanted } of at === -1 ? [] : kept.splice(at, 1)) {
      dropFirst.push(live);
      create.push(wanted);
    }
  }
  const dropLast: LiveIndex[] = [];
  for (const index of [...left].filter(isOurs)) {
    take(index, isTouched(index, renames) ? dropFirst : dropLast);
  }
  for (const index of [...kept.map(({ live }) => live), ...dropFirst]) {
    if (!expires(index)) continue;
    const { expireAfterSeconds: _seconds, ...plain } = index.spec;
    refused.push(
      refusedExpiry(collection, index, build(collection, [plain], converts)),
    );
  }
  const all = (how: Kept["how"]): LiveIndex[] =>
    kept.filter((one) => one.how === how).map(({ live }) => live);
  return {
    dropFirst,
    create,
    convert: all("convert"),
    show: all("show"),
    dropLast,
    unmanaged: [...left].map((index) => besideInWords(collection, index)),
    refused,
  };
}

/**
 * Whether an index does what another should, and no more.
 *
 * @param unique whether one that is unique will do for one that need not be
 */
function sameIndex(
  has: CollectionIndex,
  wants: CollectionIndex,
  unique?: "or unique",
): boolean {
  return JSON.stringify(has.keys) === JSON.stringify(wants.keys) &&
    canonicalText(has.partial) === canonicalText(wants.partial) &&
    (has.unique === wants.unique ||
      (unique !== undefined && has.unique));
}

/** Whether two cannot be there at once: by name, or as the server compares them. */
function inTheWay(one: CollectionIndex, other: CollectionIndex): boolean {
  return one.name === other.name ||
    (JSON.stringify(one.keys) === JSON.stringify(other.keys) &&
      canonicalText(one.partial) === canonicalText(other.partial));
}

function conflict(
  collection: string,
  there: LiveIndex,
  wanted: CollectionIndex,
): SchemaPlan["refused"][number] {
  return {
    change: `${collection} has the index ${
      liveInWords(there)
    }, which no model manages, in the place of ${indexInWords(wanted)}`,
    sketch: [
      { dbp: `destructive drop-index ${collection}#${there.name}` },
      { dropIndexes: collection, index: there.name },
      { createIndexes: collection, indexes: [specOf(wanted)] },
    ].map((command) => printed(command, "")).join(",\n"),
  };
}
