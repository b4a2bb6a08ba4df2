import type { Field } from "../../model/field.ts";
import type { Sql } from "../codec/sql_piece.ts";
import type { Layer } from "./layer.ts";

/** Encoded rows before they are merged, as a relation of SQL. */
export interface StagedRows {
  /** The rows, as an item of FROM. The columns have the types of the table, so that the database compares them as it does there. */
  readonly source: Sql;
  /** The column that has the order of the rows. */
  readonly position: Sql;
  /** Its columns. */
  readonly columns: readonly Field[];
  /** Returns the number of rows. */
  readonly rows: () => number;
  /** Returns whether the rows are known to have different keys, in ascending order. */
  readonly isAscending: () => boolean;
}

/** Whether the rows are known to have different keys, and are in key order. */
export function hasDistinctKeys(
  { rows, isAscending }: Pick<StagedRows, "rows" | "isAscending">,
): boolean {
  return rows() === 1 || isAscending();
}

/** What holds encoded rows until they are merged. */
export interface Stage extends StagedRows {
  /** Whether it holds one layer at a time, so that it must be merged before it is filled again. */
  readonly isSmall: boolean;
  /** Adds the rows of a layer. */
  fill(layer: Layer): Promise<void>;
  /** Deletes all rows. */
  clear(): Promise<void>;
  /** Removes the stage. */
  drop(): Promise<void>;
}
