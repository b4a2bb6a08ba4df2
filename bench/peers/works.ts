import type { Work } from "./peer.ts";

/** What `detection` holds before the work: the given rows, none, or some of them with other values. */
export type State = "all" | "none" | "tenth" | "half" | "changed";

/** A line of the tables. */
export interface Entry {
  /** The text of the line. */
  readonly name: string;
  readonly work: Work;
  /** Number of calls or rows. */
  readonly count: number;
  readonly unit: "rows" | "calls" | "pages" | "objects";
  readonly state: State;
  /** Whether the work changes rows. */
  readonly writes: boolean;
}

const PAGES = 200;
const OBJECTS = 1_000;
const CALLS = 1_000;
const CONCURRENT = 5_000;

/** Returns the works on a number of rows, in the order of the tables. */
export function entries(rows: number): readonly Entry[] {
  const some = number(rows);
  const bulk = { count: rows, unit: "rows", writes: true } as const;
  const calls = Math.min(CALLS, rows);
  const objects = Math.max(1, Math.min(OBJECTS, Math.floor(rows / 10)));
  const reads = { state: "all", writes: false } as const;
  return [
    {
      name: `\`findAll\`, ${some} rows`,
      work: "findAll",
      count: rows,
      unit: "rows",
      ...reads,
    },
    {
      name: "`find`, a page of 50 rows",
      work: "find",
      count: PAGES,
      unit: "pages",
      ...reads,
    },
    {
      name: `\`include\`, ${number(objects)} objects with their detections`,
      work: "include",
      count: objects,
      unit: "objects",
      ...reads,
    },
    {
      name: "`findOne`, one at a time",
      work: "findOne",
      count: calls,
      unit: "calls",
      ...reads,
    },
    {
      name: "`findOne`, 50 at once",
      work: "findOneAtOnce",
      count: Math.min(CONCURRENT, rows),
      unit: "calls",
      ...reads,
    },
    {
      name: "`getOrCreate`, existing row",
      work: "getOrCreate",
      count: calls,
      unit: "calls",
      ...reads,
    },
    {
      name: "`getOrCreate`, new row",
      work: "getOrCreate",
      count: calls,
      unit: "calls",
      state: "none",
      writes: true,
    },
    {
      name: "`bulkUpsert` of one row",
      work: "upsert",
      count: calls,
      unit: "calls",
      state: "changed",
      writes: true,
    },
    {
      name: `\`bulkInsert\`, ${some} new rows`,
      work: "bulkInsertNew",
      state: "none",
      ...bulk,
    },
    {
      name: `\`bulkInsert\`, ${some} rows, 10 % existing`,
      work: "bulkInsert",
      state: "tenth",
      ...bulk,
    },
    {
      name: `\`bulkUpsert\`, ${some} rows, half existing`,
      work: "bulkUpsert",
      state: "half",
      ...bulk,
    },
  ];
}

/** Returns a number with separators of thousands. */
export function number(value: number): string {
  return value.toLocaleString("en");
}
