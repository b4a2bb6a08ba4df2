import type { Document } from "mongodb";
import type { PrefixedDatabase } from "../../schema/live_collections.ts";

/** The number at which the count of documents stops. */
const MOST = 10_000;

/** Returns the number of matching documents as text, such as `2 documents have`; undefined if there are none. */
export async function countedDocuments(
  { db, prefix }: PrefixedDatabase,
  collection: string,
  filter: Document,
): Promise<string | undefined> {
  const count = await db.collection(prefix + collection)
    .countDocuments(filter, { limit: MOST });
  if (count === 0) return undefined;
  if (count === 1) return "1 document has";
  return `${count === MOST ? "at least " : ""}${count} documents have`;
}
