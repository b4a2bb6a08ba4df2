import { compareColumns } from "./compare_columns.ts";
import { comparePartitions } from "./compare_partitions.ts";
import { compareConstraints, compareIndexes } from "./compare_rules.ts";
import type { Compared, Comparison } from "./comparison.ts";
import type { LiveTable } from "./introspect.ts";

/** Compares a table with the table that its model wants. The order of columns does not matter. */
export function compareTables(
  live: LiveTable,
  wanted: LiveTable,
  comparison: Comparison,
): Compared {
  const parts = [compareColumns, compareConstraints, compareIndexes]
    .map((compare) => compare(live, wanted, comparison));
  return {
    changes: [
      ...parts.flatMap(({ changes }) => changes),
      ...comparePartitions(live, wanted, comparison),
    ],
    unmanaged: parts.flatMap(({ unmanaged }) => unmanaged),
  };
}
