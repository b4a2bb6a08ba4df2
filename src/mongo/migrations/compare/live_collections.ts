import type { Db, Document } from "mongodb";
import type { CollectionIndex } from "../../schema/collection.ts";
import { indexesIn, indexOf } from "../../schema/introspect.ts";
import { isOwn } from "../../schema/own_collections.ts";
import { entry, isDocument } from "../file/json.ts";

/** An index as it is, and as a command that makes it again says it. */
export interface LiveIndex extends CollectionIndex {
  /** Without what the server adds of itself. */
  readonly spec: Document;
}

/** A collection as it is. */
export interface Live {
  readonly name: string;
  /** `collection`, `timeseries` or `view`. */
  readonly type: string;
  /** What it was made with besides its rules. */
  readonly options: Document;
  /** What it asks of documents; undefined for nothing. */
  readonly validator: Document | undefined;
  readonly level: string;
  readonly action: string;
  /** Without the one on `_id`, which every collection has. */
  readonly indexes: readonly LiveIndex[];
}

/** Some collections of a database, whose names may have a prefix that is not told. */
export interface View {
  readonly db: Db;
  /** What the collections' names begin with: nothing, but where a plan is tried. */
  readonly prefix: string;
}

/**
 * Every collection that is there, this package's own and the server's left out.
 *
 * @param names those that are looked for; where none are given, all
 */
export async function liveIn(
  { db, prefix }: View,
  ...names: readonly string[]
): Promise<ReadonlyMap<string, Live>> {
  const filter = names.length === 0
    ? {}
    : { name: { $in: names.map((name) => prefix + name) } };
  const listed = await db.listCollections(filter, {
    nameOnly: false,
    authorizedCollections: true,
  }).toArray();
  const here = listed.filter(({ name }) =>
    name.startsWith(prefix) && !name.startsWith("system.") &&
    (prefix !== "" || !isOwn(name))
  );
  const live = await Promise.all(
    here.map(async (info): Promise<Live> => {
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

/** What the server's present versions give to what says none. */
const USUAL: Readonly<Record<string, unknown>> = {
  "2dsphereIndexVersion": 3,
  textIndexVersion: 3,
  default_language: "english",
  language_override: "language",
};

/** What a command would say that makes this index. */
function specOf(
  { v: _version, ns: _namespace, background: _background, name, ...index }:
    Document,
): Document {
  const { key, weights, ...others } = index;
  const options = Object.entries(others).filter(([option, value]) =>
    value !== false && USUAL[option] !== Number(value) &&
    USUAL[option] !== value
  );
  const weighted = isDocument(weights) &&
    Object.values(weights).some((weight) => Number(weight) !== 1);
  return withoutVersion({
    name,
    key: keyOf(key, weights),
    ...weighted ? { weights } : {},
    ...Object.fromEntries(options),
  });
}

/** The fields of a text index are told by their weights. */
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

/** A collation comes back with the version of the library that has it. */
function withoutVersion(options: Document): Document {
  const collation = entry(options, "collation");
  if (!isDocument(collation)) return options;
  const { version: _version, ...rest } = collation;
  return { ...options, collation: rest };
}
