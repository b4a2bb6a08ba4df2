import type { CollationOptions, CollectionInfo, Document } from "mongodb";
import { SchemaError, withOutcome } from "../../base/errors/mod.ts";
import { commandHint } from "../../base/hints.ts";
import type { AnyModel } from "../../model/types.ts";
import { CODE, serverCode } from "../link/codes.ts";
import type { MongoDriver } from "../link/link.ts";

/** Milliseconds until an existing collection is looked up again. */
const CACHE_TIME = 1_000;
/** Milliseconds until a collation is looked up again. It changes only if the collection is created anew. */
const COLLATION_TIME = 10_000;

/** The collections that are known to exist. */
export interface KnownCollections {
  /**
   * Checks that a model's collection exists. The server would create a missing
   * one on the first write, without its unique indexes.
   *
   * @param purpose what cannot be done if it is missing
   * @throws {SchemaError} if it is missing
   */
  assertExists(model: AnyModel, purpose: "read" | "write"): Promise<void>;
  /** Whether a model's collection was found a short time ago. */
  isKnown(model: AnyModel): boolean;
  /** Returns the collation of a model's collection; undefined if it compares text by its bytes, or if the user may not know. */
  collationOf(model: AnyModel): Promise<CollationOptions | undefined>;
  /** Returns for each text the first of those that a collation takes as equal; undefined if the server cannot tell. */
  firstEqual(
    collation: CollationOptions,
    texts: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, string> | undefined>;
  /** Creates a collection of this package outside of a transaction, if it is missing: two transactions that create it conflict. */
  ensureExists(name: string): Promise<void>;
  /** Forgets all collections, so that each is looked up again. */
  clear(): void;
}

interface KnownCollection {
  readonly exists: boolean;
  readonly collation: CollationOptions | undefined;
  /** When it was looked up, in milliseconds. */
  readonly time: number;
}

/** Whether a collection was looked up at most `maxAge` milliseconds before a time. The clock may have been set back. */
function isRecent(
  collection: KnownCollection | undefined,
  time: number,
  maxAge: number,
): collection is KnownCollection {
  if (collection === undefined) return false;
  const age = time - collection.time;
  return age >= 0 && age < maxAge;
}

/** Looks up each collection from time to time, because another process may drop it. */
export function createKnownCollections(
  { db, mapErrors }: MongoDriver,
): KnownCollections {
  const known = new Map<string, KnownCollection>();
  const ensured = new Set<string>();
  /** Reads about a collection for a call, whose writes are complete or not begun meanwhile. */
  const read = <T>(work: () => Promise<T>): Promise<T> =>
    mapErrors(() =>
      work().catch((error) => {
        throw withOutcome(error, "not applied");
      })
    );

  async function lookUp(
    { table }: AnyModel,
    maxAge: number,
  ): Promise<KnownCollection> {
    const time = Date.now();
    const existing = known.get(table);
    if (isRecent(existing, time, maxAge)) return existing;
    const options = await read(() => optionsOf(table));
    const found: KnownCollection = {
      exists: options !== undefined,
      collation: options?.collation,
      time,
    };
    if (found.exists) known.set(table, found);
    else known.delete(table);
    return found;
  }

  /** The options of a collection; undefined if it is missing. A user who may not list collections with their options learns only whether it exists. */
  async function optionsOf(table: string): Promise<Document | undefined> {
    const list = (nameOnly: boolean): Promise<CollectionInfo | null> =>
      db.listCollections<CollectionInfo>({ name: table }, {
        nameOnly,
        authorizedCollections: true,
      }).next();
    const found = await list(false).catch((error: unknown) => {
      if (serverCode(error) === CODE.unauthorized) return list(true);
      throw error;
    });
    return found === null ? undefined : found.options ?? {};
  }

  async function create(name: string): Promise<void> {
    await db.createCollection(name).catch((error: unknown) => {
      if (serverCode(error) !== CODE.namespaceExists) throw error;
    });
  }

  return {
    isKnown: ({ table }) => isRecent(known.get(table), Date.now(), CACHE_TIME),
    async assertExists(model, purpose) {
      if ((await lookUp(model, CACHE_TIME)).exists) return;
      const { name, table } = model;
      throw new SchemaError(
        `Cannot ${purpose} ${name}: the database ${db.databaseName} has no collection ${table}. Run ${
          commandHint("initdb")
        } to create missing collections`,
        { differences: [`${table} is missing`] },
      );
    },
    async collationOf(model) {
      return (await lookUp(model, COLLATION_TIME)).collation;
    },
    async firstEqual(collation, texts) {
      const documents = Array.from(texts, (text) => ({ text }));
      const pipeline = [
        { $documents: { $literal: documents } },
        { $group: { _id: "$text", texts: { $push: "$text" } } },
      ];
      const groups = await read(async () => {
        try {
          return await db.aggregate(pipeline, { collation }).toArray();
        } catch (error) {
          // A server before MongoDB 5.1.
          if (serverCode(error) === CODE.unknownStage) return undefined;
          throw error;
        }
      });
      return groups &&
        new Map(
          groups.flatMap(({ texts }) =>
            texts.map((text: string) => [text, texts[0]] as const)
          ),
        );
    },
    async ensureExists(name) {
      if (ensured.has(name)) return;
      if (await read(() => optionsOf(name)) === undefined) {
        await read(() => create(name));
      }
      ensured.add(name);
    },
    clear() {
      known.clear();
      ensured.clear();
    },
  };
}
