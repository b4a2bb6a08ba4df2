import type { LiveTable } from "../../schema/introspect.ts";
import { compareColumns } from "./compare_columns.ts";
import { compareParts } from "./compare_parts.ts";
import { compareConstraints, compareIndexes } from "./compare_rules.ts";
import type { Compared, Comparing } from "./context.ts";

/** Compares a table with the one that its model wants. Order of columns does not count; what no model made is told and left. */
export function compareTables(
  live: LiveTable,
  wanted: LiveTable,
  comparing: Comparing,
): Compared {
  const parts = [
    compareColumns(live, wanted, comparing),
    compareConstraints(live, wanted, comparing),
    compareIndexes(live, wanted, comparing),
    compareParts(live, wanted, comparing),
  ];
  return {
    changes: parts.flatMap(({ changes }) => changes),
    unmanaged: parts.flatMap(({ unmanaged }) => unmanaged),
  };
}
