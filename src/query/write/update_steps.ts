import {
  NOTHING_WRITTEN,
  QueryError,
  ValidationError,
} from "../../base/errors/mod.ts";
import type { Operation } from "../../model/expression.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import { isNeverUpdated } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";
import { valueProblem } from "../../model/value_problem.ts";
import { versionOf } from "../../model/version.ts";
import { assertRow } from "../checks/rows.ts";
import { withReadableRows } from "../checks/unreadable_row.ts";
import { assertUpdatable } from "../checks/updatable.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import type { Condition } from "../statement/condition.ts";
import type { Executor } from "../statement/executor.ts";
import { identitiesOf } from "../statement/key_identity.ts";
import type { Models } from "../statement/models.ts";
import type { Rows, UpdateEachStatement } from "../statement/statement.ts";
import { type KeyedChange, operationsOf, updateEachOf } from "./assignments.ts";
import { expressedChanges } from "./expressed_changes.ts";
import { storedValue, valueOf, type Values } from "./values.ts";

/** The maximum number of changes in one batch. */
const BATCH_SIZE = 10_000;

/** One change by filter. */
interface FilteredChange {
  readonly kind: "filtered";
  readonly where: Condition;
  readonly set: Values;
}

/** A batch of changes by key, or one change by filter. */
type Step = KeyedChange[] | FilteredChange;

/** Returns the checked changes, in the order of the rows. */
export async function readSteps(
  model: AnyModel,
  rows: Rows<object>,
  models: Models,
): Promise<readonly Step[]> {
  const key = fieldsNamed(model, model.primaryKey);
  // A row that was read has values that never change.
  const fixed = model.fields.filter(isNeverUpdated);
  const steps: Step[] = [];
  const add = withReadableRows(model, (row, index) => {
    const last = steps.at(-1);
    if (Array.isArray(row)) {
      const [filterBy, attributes] = row;
      assertRow(model, attributes, index);
      assertUpdatable(model, attributes);
      if (filterBy === undefined) {
        throw new QueryError(
          `Cannot update ${model.name}: the filter of pair ${index} is undefined; to update all rows, write {}`,
          { model: model.name },
        );
      }
      steps.push({
        kind: "filtered",
        where: compileFilter(model, filterBy, models),
        set: expressedChanges(model, attributes, index),
      });
    } else if (Array.isArray(last) && last.length < BATCH_SIZE) {
      last.push(keyedChange(model, key, fixed, row, index));
    } else steps.push([keyedChange(model, key, fixed, row, index)]);
  });
  let index = 0;
  for await (const row of rows) add(row, index++);
  return steps;
}

/** Returns the statements of steps, in their order. */
export async function grouped(
  executor: Executor,
  model: AnyModel,
  steps: readonly Step[],
): Promise<readonly (UpdateEachStatement | FilteredChange)[]> {
  const key = fieldsNamed(model, model.primaryKey);
  const statements: (UpdateEachStatement | FilteredChange)[] = [];
  for (const step of steps) {
    if (!Array.isArray(step)) {
      statements.push(step);
      continue;
    }
    const keys = step.map(({ key }) => key);
    const identities = await identitiesOf(executor, model, key, keys);
    for (const group of groupBySet(step, identities)) {
      statements.push(updateEachOf(model, group));
    }
  }
  return statements;
}

/**
 * Groups changes that set the same fields with the same operations, in their order. A second change of a
 * row starts a new group if an earlier group contains that row, so that the
 * later change wins.
 */
function groupBySet(
  batch: readonly KeyedChange[],
  identities: readonly unknown[],
): (readonly KeyedChange[])[] {
  const groups: {
    set: Field[];
    operations: ReadonlyMap<Field, Operation>;
    isVersioned: boolean;
    changes: KeyedChange[];
  }[] = [];
  const lastGroupOfRow = new Map<unknown, number>();
  for (const [position, change] of batch.entries()) {
    const set = [...change.values.keys()];
    const operations = operationsOf(change.values);
    const isVersioned = change.version !== undefined;
    const row = identities[position];
    const after = lastGroupOfRow.get(row) ?? -1;
    let index = groups.findIndex((group, number) =>
      number > after && group.set.length === set.length &&
      group.isVersioned === isVersioned &&
      group.set.every((field, at) =>
        field === set[at] &&
        group.operations.get(field) === operations.get(field)
      )
    );
    if (index < 0) {
      index = groups.push({ set, operations, isVersioned, changes: [] }) - 1;
    }
    groups[index]?.changes.push(change);
    lastGroupOfRow.set(row, index);
  }
  return groups.map(({ changes }) => changes);
}

function keyedChange(
  model: AnyModel,
  keyFields: readonly Field[],
  fixed: readonly Field[],
  row: object,
  index: number,
): KeyedChange {
  if (keyFields.length === 0) {
    throw new QueryError(
      `Cannot update ${model.name} by key: it has no primary key; pass [filter, attributes] pairs`,
      { model: model.name },
    );
  }
  const values = new Map(expressedChanges(model, row, index));
  const key = keyFields.map((field) => {
    const value = field.filled === "generated"
      ? keyValue(model, field, row, index)
      : values.get(field);
    values.delete(field);
    if (value !== undefined && value !== null) return value;
    throw new ValidationError(model.name, [{
      index,
      field: field.name,
      value: valueOf(row, field),
      reason: "is required: it is part of the primary key, which finds the row",
    }]);
  });
  for (const field of fixed) values.delete(field);
  const counter = versionOf(model);
  const version = counter === undefined ? undefined : values.get(counter);
  if (counter !== undefined) values.delete(counter);
  if (values.size === 0) {
    throw new QueryError(
      `Cannot update ${model.name} row ${index}: it contains only the primary key. Add the fields to change. ${NOTHING_WRITTEN}`,
      { model: model.name },
    );
  }
  return { key, version, values };
}

/** Returns the checked value of a generated field, which finds a row and is never written. */
function keyValue(
  model: AnyModel,
  field: Field,
  row: object,
  index: number,
): unknown {
  const value = valueOf(row, field);
  const reason = valueProblem(field, value);
  if (reason === undefined) return storedValue(field, value);
  throw new ValidationError(model.name, [{
    index,
    field: field.name,
    value,
    reason,
  }]);
}
