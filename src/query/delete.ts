import { QueryError } from "../errors.ts";
import type { AnyModel } from "../model/types.ts";
import type { Executor } from "./executor.ts";
import { whereOf } from "./where.ts";

/** Removes every row that matches; all of them only where the caller says so. */
export function deleteAll(
  executor: Executor,
  model: AnyModel,
  { filterBy, all }: { readonly filterBy: unknown; readonly all?: unknown },
): Promise<number> {
  const where = whereOf(model, filterBy);
  if (where.kind === "all" && all !== true) {
    throw new QueryError(
      `Cannot delete from ${model.name}: the filter is empty, which means every row; say all: true if that is meant`,
      { model: model.name, name: "filterBy" },
    );
  }
  return executor.run({ kind: "delete", model, where });
}
