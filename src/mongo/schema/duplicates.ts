import type { Db } from "mongodb";
import { type CollectionIndex, indexInWords } from "./collection.ts";

/** How many are named. */
const NAMED = 5;

/** Why a unique index cannot be built, in words: the keys that several documents have, a few of them. */
export async function duplicatesOf(
  db: Db,
  table: string,
  index: CollectionIndex,
): Promise<string[]> {
  const columns = index.keys.map(([column]) => column);
  const groups = await db.collection(table).aggregate([
    { $match: index.partial ?? {} },
    {
      $group: {
        // A missing field is null to an index.
        _id: columns.map((column) => ({ $ifNull: [`$${column}`, null] })),
        count: { $sum: 1 },
      },
    },
    { $match: { count: { $gt: 1 } } },
    { $limit: NAMED },
  ], { allowDiskUse: true }).toArray();
  return groups.map(({ _id: key, count }) => {
    const named = columns.map((column, place) =>
      `${column} ${said(key[place])}`
    );
    return `${table} has ${count} documents with ${
      named.join(", ")
    }, so the index ${indexInWords(index)} cannot be built`;
  });
}

function said(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, inner) => typeof inner === "bigint" ? String(inner) : inner,
  ) ?? "null";
}
