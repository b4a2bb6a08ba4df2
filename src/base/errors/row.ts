import { DbPluginsError, type ErrorFields } from "./error.ts";

/** One field of one row that cannot be written. */
export interface RowProblem {
  /** The row's place among those given, from 0. */
  readonly index: number;
  /** The field. */
  readonly field: string;
  /** What the caller gave. */
  readonly value: unknown;
  /** Why it cannot be written. */
  readonly reason: string;
}

/** Rows do not fit their model. Nothing was written. */
export class ValidationError extends DbPluginsError {
  /** The model's name. */
  readonly model: string;
  /** Every problem that was looked for; the first bad row's at least. */
  readonly rows: readonly RowProblem[];
  /** Made where it is thrown.
   * @param model the model's name
   */
  constructor(
    model: string,
    rows: readonly RowProblem[],
    fields: ErrorFields = {},
  ) {
    const lines = rows.map(({ index, field, reason }) =>
      `row ${index}: ${field} ${reason}`
    );
    super(`Cannot write ${model}, ${lines.join("; ")}`, fields);
    this.model = model;
    this.rows = rows;
  }
}

/** More than one row matches where at most one may. */
export class MultipleRowsError extends DbPluginsError {}

/** A row that a session marked is no longer there. Nothing was written and the marks are kept. */
export class StaleRowError extends DbPluginsError {
  /** The rows that are gone. */
  readonly rows: readonly object[];
  /** Made where it is thrown.
   * @param rows the rows that are gone
   */
  constructor(rows: readonly object[], fields: ErrorFields = {}) {
    const named = rows.slice(0, 5).map(String).join(", ");
    const more = rows.length > 5 ? ` and ${rows.length - 5} more` : "";
    super(
      `Cannot commit: no longer in the database: ${named}${more}. Nothing was written; the marks are kept`,
      fields,
    );
    this.rows = rows;
  }
}
