// The rows that several processes upsert at once, and the table that they make in any order.
import {
  defineModel,
  type Insertable,
  type MergeRules,
  type Model,
} from "@alerce/db-plugins";
import { z } from "zod";

/** The number of keys, which all processes share. */
const KEYS = 150;
const BATCHES = 15;
const BATCH_ROWS = 60;

export interface MergedRow {
  id: bigint;
  name: string;
  mag: number | null;
  visits: number | null;
  seen: Date | null;
  status: string;
}

/** The rules of all fields but the key. */
export const RULES: MergeRules<MergedRow, "id" | "name"> = {
  mag: "least",
  visits: "greatest",
  seen: "greatest",
  status: "least",
};

const fields = z.object({
  id: z.int64(),
  name: z.string(),
  mag: z.float64().nullable(),
  visits: z.int32().nullable(),
  seen: z.date().nullable(),
  status: z.string(),
});

/** A table with a primary key. */
export const Keyed: Model<
  MergedRow,
  Insertable<MergedRow>,
  "keyed",
  object,
  "id"
> = defineModel("keyed", { fields, primaryKey: ["id"] });

/** The same table without any key. */
export const Keyless: Model<MergedRow, Insertable<MergedRow>, "keyless"> =
  defineModel(
    "keyless",
    { fields },
  );
/** The fields that identify the rows of {@link Keyless}. */
export const CONFLICT = ["id", "name"] as const;

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
