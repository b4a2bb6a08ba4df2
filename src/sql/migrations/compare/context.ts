import type { Change } from "./change.ts";

/** What is different about a table, and what no model knows. */
export interface Compared {
  readonly changes: readonly Change[];
  /** Names as the history has them. */
  readonly unmanaged: readonly string[];
}

/** What a comparison must know besides both tables. */
export interface Comparing {
  /** What models managed, under the names of now. */
  readonly managed: ReadonlySet<string>;
  /** Whether two defaults of different spelling are one value. */
  readonly same: (left: string, right: string) => boolean;
  /** Names of indexes that are there, of every table. */
  readonly names: ReadonlySet<string>;
  /** Whether the table had another name before. */
  readonly renamed: boolean;
}
