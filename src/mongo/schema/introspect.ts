import type { Db, Document, IndexDirection } from "mongodb";
import { CODE, serverCode } from "../link/codes.ts";
import type { CollectionIndex } from "./collection.ts";
import { type Rule, rulesIn } from "./validator_rules.ts";

/** A collection as the server has it. */
export interface LiveCollection {
  readonly name: string;
  /** What it asks of each column; undefined where it has no `$jsonSchema`. */
  readonly rules: ReadonlyMap<string, Rule> | undefined;
  /** Which documents are checked: `strict` for all. */
  readonly level: string;
  /** What becomes of a document that is not right: `error` where it is refused. */
  readonly action: string;
  readonly indexes: readonly CollectionIndex[];
}

/** The collections of these names, as the server has them. */
export async function liveCollections(
  db: Db,
  names: readonly string[],
): Promise<ReadonlyMap<string, LiveCollection>> {
  const listed = await db.listCollections(
    { name: { $in: names } },
    { nameOnly: false },
  ).toArray();
  const live = await Promise.all(listed.map(async ({ name, options }) => ({
    name,
    rules: rulesIn(options?.validator),
    level: String(options?.validationLevel ?? "strict"),
    action: String(options?.validationAction ?? "error"),
    indexes: (await indexesIn(db, name, options?.collation)).map(indexOf),
  })));
  return new Map(live.map((collection) => [collection.name, collection]));
}

/**
 * A collection's indexes as the server has them.
 *
 * @param collation the collection's, which its indexes have without being told, and so do not tell
 */
export async function indexesIn(
  db: Db,
  name: string,
  collation: unknown,
): Promise<Document[]> {
  const listed: Document[] = await db.collection(name).listIndexes().toArray()
    .catch((error: unknown) => {
      // Dropped since it was listed.
      if (serverCode(error) === CODE.namespaceNotFound) return [];
      throw error;
    });
  const usual = JSON.stringify(collation);
  return listed.map((index) => {
    const { collation: own, ...rest } = index;
    return JSON.stringify(own) === usual ? rest : index;
  });
}

/** An index as the server describes it. */
export function indexOf(index: Document): CollectionIndex {
  return {
    name: String(index.name),
    keys: keysOf(index.key),
    unique: index.unique === true,
    partial: limitsOf(index),
  };
}

/** What keeps documents out of an index, or keeps it from serving plain comparisons. */
function limitsOf(
  { partialFilterExpression, sparse, collation }: Document,
): Document | undefined {
  if (!sparse && collation === undefined) return partialFilterExpression;
  return { partialFilterExpression, sparse, collation };
}

function keysOf(key: unknown): [string, IndexDirection][] {
  if (typeof key !== "object" || key === null) return [];
  return Object.entries(key).map(([column, direction]) => [
    column,
    directionOf(direction),
  ]);
}

/** Shells and other drivers write a direction as any kind of number. */
function directionOf(direction: unknown): IndexDirection {
  switch (direction) {
    case "2d":
    case "2dsphere":
    case "text":
    case "hashed":
      return direction;
    default:
      return Number(direction) < 0 ? -1 : 1;
  }
}
