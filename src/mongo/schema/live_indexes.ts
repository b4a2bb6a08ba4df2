import type { Db, Document, IndexDirection } from "mongodb";
import { CODE, serverCode } from "../link/codes.ts";
import type { CollectionIndex } from "./collection.ts";

/**
 * Returns the indexes of a collection as the server describes them.
 *
 * @param collation that of the collection, which its indexes inherit and
 * therefore omit
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
  const inherited = JSON.stringify(collation);
  return listed.map((index) => {
    const { collation: own, ...rest } = index;
    return JSON.stringify(own) === inherited ? rest : index;
  });
}

/** Returns an index from the description of the server. */
export function indexOf(index: Document): CollectionIndex {
  return {
    name: String(index.name),
    keys: keysOf(index.key),
    unique: index.unique === true,
    partial: limitsOf(index),
  };
}

/** Returns the options that exclude documents from an index, or prevent it from serving plain comparisons. */
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

/** Returns a direction, which shells and other drivers write as any type of number. */
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
