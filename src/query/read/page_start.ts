import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { afterRow } from "./after_row.ts";
import { cursorError, type CursorScope, readCursor } from "./cursor.ts";

/** The position where a page begins, in the order of rows or against it. */
export interface Start {
  readonly side: "after" | "before";
  readonly row: unknown;
  /** Whether the page begins with the row itself. */
  readonly isIncluded?: true;
}

/** Unchecked options that say where a page begins. */
interface StartOptions {
  readonly after?: unknown;
  readonly cursor?: unknown;
}

/** Checks that a page by distance begins at an offset: the distance in a row is not exact. */
export function assertByNumber(model: AnyModel, options: StartOptions): void {
  for (const option of ["after", "cursor"] as const) {
    if (options[option] === undefined) continue;
    throw new QueryError(
      `Cannot page ${model.name}: pages in the order of distance take page, not ${option}`,
      { model: model.name, field: option },
    );
  }
}

/** Returns the position where a page begins; undefined if it begins at an offset. */
export function startOf(
  scope: CursorScope,
  { after, cursor }: StartOptions,
): Start | undefined {
  if (cursor === undefined) {
    return after === undefined ? undefined : { side: "after", row: after };
  }
  if (after === undefined) return checked(scope, readCursor(scope, cursor));
  const { name } = scope.model;
  throw new QueryError(
    `Cannot page ${name}: pass either cursor or after, not both`,
    { model: name, field: "cursor" },
  );
}

/** Checks the values of a cursor: anyone can compute its checksum. */
function checked({ model, order }: CursorScope, start: Start): Start {
  try {
    afterRow(model, order, start.row);
    return start;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw cursorError(model, "its values do not fit the fields of the order");
  }
}
