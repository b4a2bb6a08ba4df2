import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { assertFields } from "../checks/field_names.ts";
import { assertUpdatable } from "../checks/updatable.ts";
import { withReadableRows } from "../checks/unreadable_row.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import type { Executor } from "../statement/executor.ts";
import { isAll } from "../statement/condition.ts";
import type { Models } from "../statement/models.ts";
import type { Condition } from "../statement/statement.ts";
import { assignmentsOf } from "./assignments.ts";
import { expressedChanges } from "./expressed_changes.ts";
import { raised } from "./raised.ts";
import { ofOneRow } from "./of_one_row.ts";
import type { Values } from "./values.ts";

/** Makes the same change to every row that matches the filter, and returns their number. */
export async function updateAll(
  executor: Executor,
  model: AnyModel,
  { filterBy, set }: { readonly filterBy: unknown; readonly set: object },
  models: Models,
): Promise<number> {
  const where = compileFilter(model, filterBy, models);
  try {
    const values = withReadableRows(model, (set) => {
      assertFields(model, set);
      assertUpdatable(model, set);
      return expressedChanges(model, set, 0);
    })(set, 0);
    return await updateWhere(executor, model, where, values);
  } catch (error) {
    throw ofOneRow(error);
  }
}

/** Makes the same change to every row that satisfies the condition, and returns their number. */
export function updateWhere(
  executor: Executor,
  model: AnyModel,
  where: Condition,
  set: Values,
): Promise<number> {
  if (set.size === 0) {
    throw new QueryError(
      `Cannot update ${model.name}: the change sets no field`,
      { model: model.name },
    );
  }
  return executor.run({
    kind: "update",
    model,
    where,
    ...assignmentsOf(raised(model, set)),
  });
}

/** Deletes every row that matches the filter, and returns their number. An empty filter, and one that matches every row for another reason, requires `all: true`. */
export function deleteAll(
  executor: Executor,
  model: AnyModel,
  { filterBy, all }: { readonly filterBy: unknown; readonly all?: unknown },
  models: Models,
): Promise<number> {
  const where = compileFilter(model, filterBy, models);
  if (all !== true && isAll(where)) {
    throw new QueryError(
      `Cannot delete from ${model.name}: the filter ${
        where.kind === "all" ? "is empty and " : ""
      }matches every row; pass all: true to delete all rows`,
      { model: model.name, field: "filterBy" },
    );
  }
  return executor.run({ kind: "delete", model, where });
}
