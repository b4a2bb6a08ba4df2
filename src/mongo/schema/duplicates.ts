import type { Db } from "mongodb";
import { type CollectionIndex, indexText } from "./collection.ts";

/** Keys that are listed at most. */
const LISTED = 5;

/** Returns why a unique index cannot be built: some of the keys that several documents have, as text. */
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
    { $limit: LISTED },
  ], { allowDiskUse: true }).toArray();
  return groups.map(({ _id: key, count }) => {
    const named = columns.map((column, index) =>
      `${column} ${valueText(key[index])}`
    );
    return `${table} has ${count} documents with ${
      named.join(", ")
    }, so the index ${indexText(index)} cannot be built`;
  });
}

function valueText(value: unknown): string {
  // JSON has no NaN.
  if (typeof value === "number") return String(value);
  return JSON.stringify(
    value,
    (_key, inner) => typeof inner === "bigint" ? String(inner) : inner,
  ) ?? "null";
}
