import type { Middleware, Next } from "../query/middleware/middleware.ts";
import { rowFilter } from "../query/middleware/row_filter.ts";
import type { Statement } from "../query/statement/statement.ts";

/** Hides stars whose status is `gone`. */
export const visible: Middleware = rowFilter((model) =>
  model.name === "star" ? { status: { ne: "gone" } } : undefined
);

/** Marks stars in place of deleting them. */
export function softDelete(
  statement: Statement,
  next: Next,
): Promise<unknown> {
  const status = statement.model.byName.get("status");
  if (statement.kind !== "delete" || status === undefined) {
    return next(statement);
  }
  const { model, where } = statement;
  const set = new Map([[status, "gone"]]);
  return next({ kind: "update", model, where, set, operations: new Map() });
}
