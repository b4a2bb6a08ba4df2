import type { Statement } from "./statement.ts";

/** Statements that change nothing. */
export const READS: ReadonlySet<Statement["kind"]> = new Set([
  "find",
  "findEach",
  "findNear",
  "count",
  "exists",
  "aggregate",
]);
