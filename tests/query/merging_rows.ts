// The rows that several processes upsert at once, and the table that they make in any order.
import type { MergeRules } from "@alerce/db-plugins";
import type { StarRow } from "@alerce/db-plugins/testing";

/** The number of keys, which all processes share. */
const KEYS = 150;
const BATCHES = 15;
const BATCH_ROWS = 60;

export const RULES: MergeRules<StarRow> = {
  mag: "least",
  visits: "greatest",
  seen: "greatest",
  status: "least",
};

export interface MergedRow {
  readonly id: bigint;
  readonly name: string;
  readonly mag: number | null;
  readonly visits: number | null;
  readonly seen: Date | null;
  readonly status: string;
}

/** Returns the batches of one process. */
export function batchesOf(process: number): MergedRow[][] {
  const next = generator(process + 1);
  return Array.from(
    { length: BATCHES },
    () =>
      Array.from({ length: BATCH_ROWS }, () => {
        const id = next(KEYS);
        return {
          id: BigInt(id),
          name: `s${id}`,
          mag: next(4) === 0 ? null : next(1_000) / 8,
          visits: next(4) === 0 ? null : next(1_000),
          seen: next(4) === 0 ? null : new Date(next(1_000_000)),
          status: `t${next(100)}`,
        };
      }),
  );
}

/** Returns the rows that batches make, by their keys. */
export function mergedRows(batches: readonly MergedRow[][]): MergedRow[] {
  const groups = Map.groupBy(batches.flat(), ({ id }) => id);
  return [...groups].map(([id, rows]): MergedRow => ({
    id,
    name: `s${id}`,
    mag: extreme(rows.map(({ mag }) => mag), (a, b) => a < b),
    visits: extreme(rows.map(({ visits }) => visits), (a, b) => a > b),
    seen: extreme(rows.map(({ seen }) => seen), (a, b) => a > b),
    status: extreme(rows.map(({ status }) => status), (a, b) => a < b) ?? "",
  })).toSorted((one, other) => one.id < other.id ? -1 : 1);
}

function extreme<T>(
  values: readonly (T | null)[],
  isBetter: (one: T, other: T) => boolean,
): T | null {
  return values.reduce(
    (best, value) =>
      value !== null && (best === null || isBetter(value, best)) ? value : best,
    null,
  );
}

/** Returns a function of random numbers below a limit. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * limit);
  };
}
