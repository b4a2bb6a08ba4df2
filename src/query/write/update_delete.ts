import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { assertFields } from "../checks/field_names.ts";
import { assertUpdatable } from "../checks/updatable.ts";
import { withReadableRows } from "../checks/unreadable_row.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import type { Executor } from "../statement/executor.ts";
import { type Condition, isAll } from "../statement/condition.ts";
import type { Models } from "../statement/models.ts";
import type { Returned } from "../statement/statement.ts";
import { type Assignments, assignmentsOf } from "./assignments.ts";
import { expressedChanges } from "./expressed_changes.ts";
import { raised } from "./raised.ts";
import { ofOneRow } from "./of_one_row.ts";
import { returnedInOrder } from "./returning.ts";
import type { Values } from "./values.ts";

/** The result of `updateAll` with `returning`. */
interface Updated {
  readonly updated: number;
  readonly rows: readonly object[];
}

/** The result of `deleteAll` with `returning`. */
interface Deleted {
  readonly deleted: number;
  readonly rows: readonly object[];
}

/** Makes the same change to every row that matches the filter, and returns their number, or also the rows. */
export async function updateAll(
  executor: Executor,
  model: AnyModel,
  { filterBy, set, returning }: {
    readonly filterBy: unknown;
    readonly set: object;
    readonly returning?: unknown;
  },
  models: Models,
): Promise<number | Updated> {
  const where = compileFilter(model, filterBy, models);
  const returned = returnedInOrder(model, returning);
  try {
    const values = withReadableRows(model, (set) => {
      assertFields(model, set);
      assertUpdatable(model, set);
      return expressedChanges(model, set, 0);
    })(set, 0);
    if (returned === undefined) {
      return await updateWhere(executor, model, where, values);
    }
    const rows = await updatedRows(executor, model, where, values, returned);
    return { updated: rows.length, rows };
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
  return executor.run({
    kind: "update",
    model,
    where,
    ...changeOf(model, set),
  });
}

/** Makes the same change to every row that satisfies the condition, and returns the rows. */
export function updatedRows(
  executor: Executor,
  model: AnyModel,
  where: Condition,
  set: Values,
  returned: Returned,
): Promise<object[]> {
  return executor.run({
    kind: "updateReturning",
    model,
    where,
    ...changeOf(model, set),
    ...returned,
  });
}

function changeOf(model: AnyModel, set: Values): Assignments {
  if (set.size > 0) return assignmentsOf(raised(model, set));
  throw new QueryError(
    `Cannot update ${model.name}: the change sets no field`,
    { model: model.name },
  );
}

/** Deletes every row that matches the filter, and returns their number, or also the rows. An empty filter, and one that matches every row for another reason, requires `all: true`. */
export async function deleteAll(
  executor: Executor,
  model: AnyModel,
  { filterBy, all, returning }: {
    readonly filterBy: unknown;
    readonly all?: unknown;
    readonly returning?: unknown;
  },
  models: Models,
): Promise<number | Deleted> {
  const where = compileFilter(model, filterBy, models);
  if (all !== true && isAll(where)) {
    throw new QueryError(
      `Cannot delete from ${model.name}: the filter ${
        where.kind === "all" ? "is empty and " : ""
      }matches every row; pass all: true to delete all rows`,
      { model: model.name, field: "filterBy" },
    );
  }
  const returned = returnedInOrder(model, returning);
  if (returned === undefined) {
    return await executor.run({ kind: "delete", model, where });
  }
  const rows = await executor.run({
    kind: "deleteReturning",
    model,
    where,
    ...returned,
  });
  return { deleted: rows.length, rows };
}
