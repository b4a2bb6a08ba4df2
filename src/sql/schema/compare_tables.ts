import type { SqlTransaction } from "../link/link.ts";
import { compareColumns } from "./compare_columns.ts";
import { comparePartitions } from "./compare_partitions.ts";
import { compareConstraints, compareIndexes } from "./compare_rules.ts";
import type { Compared, Comparison } from "./comparison.ts";
import { equalDefaults } from "./equal_defaults.ts";
import type { LiveTable } from "./introspect.ts";

/**
 * Compares existing tables with the tables that models define. The order of
 * columns does not matter, nor do tables that only one side has.
 *
 * @param tx in which defaults are compared
 */
export async function compareAll(
  tx: SqlTransaction,
  live: ReadonlyMap<string, LiveTable>,
  wanted: ReadonlyMap<string, LiveTable>,
  { managed, renamed }: Pick<Comparison, "managed" | "renamed">,
): Promise<Compared> {
  const pairs = [...wanted.values()].flatMap((table) => {
    const existing = live.get(table.name);
    return existing === undefined ? [] : [[existing, table] as const];
  });
  const comparison = {
    managed,
    renamed,
    sameDefault: await equalDefaults(tx, pairs.flatMap(otherDefaults)),
    names: new Set(
      [...live.values()].flatMap(({ indexes, constraints }) =>
        [...indexes, ...constraints].map(({ name }) => name)
      ),
    ),
  };
  const parts = pairs.flatMap(([existing, table]) =>
    [compareColumns, compareConstraints, compareIndexes, comparePartitions]
      .map((compare) => compare(existing, table, comparison))
  );
  return {
    changes: parts.flatMap(({ changes }) => changes),
    unmanaged: parts.flatMap(({ unmanaged }) => unmanaged),
  };
}

/** Returns the defaults that are written differently. */
function otherDefaults(
  [existing, wanted]: readonly [LiveTable, LiveTable],
): (readonly [string, string])[] {
  const old = new Map(existing.columns.map((column) => [column.name, column]));
  return wanted.columns.flatMap((column) => {
    const left = old.get(column.name)?.default ?? null;
    const right = column.default;
    return left === null || right === null || left === right
      ? []
      : [[left, right] as const];
  });
}
