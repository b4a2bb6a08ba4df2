import type { Db, Document } from "mongodb";
import type { CollectionIndex } from "./collection.ts";
import { entry, isDocument } from "./documents.ts";
import { indexesIn, indexOf } from "./live_indexes.ts";
import { isOwn } from "./own_collections.ts";

/** An existing index. */
export interface LiveIndex extends CollectionIndex {
  /** Its specification in a command that recreates it. */
  readonly spec: Document;
}

/** An existing collection. */
export interface LiveCollection {
  readonly name: string;
  /** `collection`, `timeseries` or `view`. */
  readonly type: string;
  /** The options that it was created with, without its validation. */
  readonly options: Document;
  /** Its validator; undefined if it has none. */
  readonly validator: Document | undefined;
  /** The documents that are checked: `strict` means all. */
  readonly level: string;
  /** What happens to an invalid document: `error` rejects it. */
  readonly action: string;
  /** Without the index on `_id`, which every collection has. */
  readonly indexes: readonly LiveIndex[];
}

/** The collections of a database whose names start with a prefix. */
export interface PrefixedDatabase {
  readonly db: Db;
  /** The prefix, which is removed from names; empty except in proofs. */
  readonly prefix: string;
}

/**
 * Returns the existing collections, without those of this package and of the
 * server.
 *
 * @param names the names to look for (default: all)
 */
export async function liveCollections(
  { db, prefix }: PrefixedDatabase,
  ...names: readonly string[]
): Promise<ReadonlyMap<string, LiveCollection>> {
  const filter = names.length === 0
    ? {}
    : { name: { $in: names.map((name) => prefix + name) } };
  const listed = await db.listCollections(filter, {
    nameOnly: false,
    authorizedCollections: true,
  }).toArray();
  const matching = listed.filter(({ name }) =>
    name.startsWith(prefix) && !name.startsWith("system.") &&
    (prefix !== "" || !isOwn(name))
  );
  const live = await Promise.all(
    matching.map(async (info): Promise<LiveCollection> => {
      const type = info.type ?? "collection";
      const given: Document = info.options ?? {};
      const { validator, validationLevel, validationAction, ...options } =
        given;
      return {
        name: info.name.slice(prefix.length),
        type,
        options: withoutVersion(options),
        validator: isDocument(validator) && Object.keys(validator).length > 0
          ? validator
          : undefined,
        level: String(validationLevel ?? "strict"),
        action: String(validationAction ?? "error"),
        indexes: type === "view"
          ? []
          : (await indexesIn(db, info.name, given.collation))
            .filter(({ name }) => name !== "_id_")
            .map((index) => ({ ...indexOf(index), spec: specOf(index) }))
            .sort((one, other) => one.name < other.name ? -1 : 1),
      };
    }),
  );
  return new Map(live.map((collection) => [collection.name, collection]));
}

/** The options that current servers add to an index by default. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  "2dsphereIndexVersion": 3,
  textIndexVersion: 3,
  default_language: "english",
  language_override: "language",
};

/** Returns the specification of an index, without what the server adds. */
function specOf(
  { v: _version, ns: _namespace, background: _background, name, ...index }:
    Document,
): Document {
  const { key, weights, ...others } = index;
  const options = Object.entries(others).filter(([option, value]) =>
    value !== false && DEFAULTS[option] !== Number(value) &&
    DEFAULTS[option] !== value
  );
  const isWeighted = isDocument(weights) &&
    Object.values(weights).some((weight) => Number(weight) !== 1);
  return withoutVersion({
    name,
    key: keyOf(key, weights),
    ...isWeighted ? { weights } : {},
    ...Object.fromEntries(options),
  });
}

/** Returns the key of an index; the fields of a text index are listed in its weights. */
function keyOf(key: unknown, weights: unknown): Document {
  if (!isDocument(key)) return {};
  return Object.fromEntries(
    Object.entries(key).flatMap(([field, direction]) => {
      if (field === "_ftsx") return [];
      return field === "_fts" && isDocument(weights)
        ? Object.keys(weights).map((name) => [name, "text"])
        : [[field, direction]];
    }),
  );
}

/** Returns the options, without the library version that the server adds to a collation. */
function withoutVersion(options: Document): Document {
  const collation = entry(options, "collation");
  if (!isDocument(collation)) return options;
  const { version: _version, ...rest } = collation;
  return { ...options, collation: rest };
}
