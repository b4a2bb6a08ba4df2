import { QueryError, ValidationError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { keyText } from "../../model/canonical.ts";
import type { Condition, Rows } from "../statement/statement.ts";
import type { Executor } from "../statement/executor.ts";
import { assertFields } from "../checks/field_names.ts";
import { assertRows } from "../checks/rows.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import { changes, valueOf, type Values } from "./values.ts";

/** How many changes go to the engine at a time. */
const BATCH = 10_000;

/** A change of its own to each row, by key or by filter, in one transaction, which begins when all are read: their source may use the database. */
export async function bulkUpdate(
  executor: Executor,
  model: AnyModel,
  rows: Rows<object>,
): Promise<{ updated: number; missing: number }> {
  assertRows(model, rows);
  const steps = await stepsOf(model, rows);
  return await executor.transaction(async (on) => {
    const total = { updated: 0, missing: 0 };
    for (const step of steps) {
      if (Array.isArray(step)) {
        for (const [set, group] of bySet(step)) {
          const updated = await on.run({
            kind: "updateEach",
            model,
            set,
            changes: group.map(({ key, values }) => ({
              key,
              values: set.map((field) => values.get(field)),
            })),
          });
          total.updated += updated;
          total.missing += group.length - updated;
        }
      } else {
        const updated = await updateWhere(on, model, step.where, step.set);
        if (updated === 0) total.missing++;
        else total.updated += updated;
      }
    }
    return total;
  });
}

/** The same change to every row that matches. */
export function updateAll(
  executor: Executor,
  model: AnyModel,
  { filterBy, set }: { readonly filterBy: unknown; readonly set: object },
): Promise<number> {
  assertFields(model, set);
  return updateWhere(
    executor,
    model,
    compileFilter(model, filterBy),
    changes(model, set, 0),
  );
}

function updateWhere(
  executor: Executor,
  model: AnyModel,
  where: Condition,
  set: Values,
): Promise<number> {
  if (set.size === 0) {
    throw new QueryError(`Cannot update ${model.name}: nothing is to be set`, {
      model: model.name,
    });
  }
  return executor.run({ kind: "update", model, where, set });
}

interface Change {
  readonly key: readonly unknown[];
  readonly values: Values;
}

/** Changes by key that go together, or one by filter. */
type Step = Change[] | { readonly where: Condition; readonly set: Values };

/** What is to be done, checked, in the order of the rows. */
async function stepsOf(
  model: AnyModel,
  rows: Rows<object>,
): Promise<readonly Step[]> {
  const key = fieldsNamed(model, model.primaryKey);
  const steps: Step[] = [];
  let index = 0;
  for await (const row of rows) {
    const last = steps.at(-1);
    if (Array.isArray(row)) {
      const [filterBy, attributes] = row;
      steps.push({
        where: compileFilter(model, filterBy),
        set: changes(model, attributes, index),
      });
    } else if (Array.isArray(last) && last.length < BATCH) {
      last.push(keyedChange(model, key, row, index));
    } else steps.push([keyedChange(model, key, row, index)]);
    index++;
  }
  return steps;
}

/**
 * Changes that set the same fields go together, in the order they came; a
 * change to a row that a waiting group changes too begins a new group, so that
 * the later one wins.
 */
function bySet(batch: readonly Change[]): [Field[], Change[]][] {
  const groups: { set: Field[]; changes: Change[] }[] = [];
  const lastGroup = new Map<string, number>();
  for (const change of batch) {
    const set = [...change.values.keys()];
    const key = keyText(change.key);
    const from = lastGroup.get(key) ?? -1;
    let place = groups.findIndex((group, index) =>
      index > from && group.set.length === set.length &&
      group.set.every((field, at) => field === set[at])
    );
    if (place < 0) {
      place = groups.push({ set, changes: [] }) - 1;
    }
    groups[place]?.changes.push(change);
    lastGroup.set(key, place);
  }
  return groups.map(({ set, changes }) => [set, changes]);
}

function keyedChange(
  model: AnyModel,
  keyFields: readonly Field[],
  row: object,
  index: number,
): Change {
  if (keyFields.length === 0) {
    throw new QueryError(
      `Cannot update ${model.name} by key: it has no primary key; give [filter, attributes] pairs`,
      { model: model.name },
    );
  }
  const checked = new Map(changes(model, row, index));
  const key = keyFields.map((field) => {
    const value = checked.get(field);
    checked.delete(field);
    if (value !== undefined && value !== null) return value;
    throw new ValidationError(model.name, [{
      index,
      field: field.name,
      value: valueOf(row, field),
      reason: "is in the primary key, by which the row is found",
    }]);
  });
  if (checked.size === 0) {
    throw new ValidationError(model.name, [{
      index,
      field: model.fields.map(({ name }) => name).join(", "),
      value: row,
      reason: "gives nothing to change beside the key",
    }]);
  }
  return { key, values: checked };
}

/** Removes every row that matches; all of them only where the caller says so. */
export function deleteAll(
  executor: Executor,
  model: AnyModel,
  { filterBy, all }: { readonly filterBy: unknown; readonly all?: unknown },
): Promise<number> {
  const where = compileFilter(model, filterBy);
  if (where.kind === "all" && all !== true) {
    throw new QueryError(
      `Cannot delete from ${model.name}: the filter is empty, which means every row; say all: true if that is meant`,
      { model: model.name, field: "filterBy" },
    );
  }
  return executor.run({ kind: "delete", model, where });
}
