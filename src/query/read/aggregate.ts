import type { AnyModel } from "../../model/types.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import type { Condition } from "../statement/condition.ts";
import type { Executor } from "../statement/executor.ts";
import type { Models } from "../statement/models.ts";
import type { AggregateStatement, Measure } from "../statement/statement.ts";
import {
  compileAggregate,
  FIELD_MEASURES,
  groupField,
  type RawAggregateOptions,
} from "./compile_aggregate.ts";

/** Computes values over rows. Each result has the fields of its group, and the measures under their names. */
export async function aggregate(
  executor: Executor,
  model: AnyModel,
  options: RawAggregateOptions,
  models: Models,
): Promise<object[]> {
  const statement = compileAggregate(model, options, models);
  const { groupBy, measures } = statement;
  const groups = await executor.run(statement);
  return groups.map((values) => {
    const result: Record<string, unknown> = {};
    for (const name of FIELD_MEASURES) {
      if (options[name] !== undefined) result[name] = {};
    }
    for (const [index, { name }] of groupBy.entries()) {
      result[name] = values[index];
    }
    for (const [index, measure] of measures.entries()) {
      const value = values[groupBy.length + index];
      const { kind } = measure;
      if (kind === "count") result[kind] = value;
      else Reflect.set(Object(result[kind]), measure.field.name, value);
    }
    return result;
  });
}

/** Returns the number of rows for each value of a field, in the order of the values; null is last. */
export async function countBy(
  executor: Executor,
  model: AnyModel,
  field: unknown,
  filterBy: unknown,
  models: Models,
): Promise<Map<unknown, number>> {
  const where = compileFilter(model, filterBy, models);
  const groups = await executor.run(
    statementOfOne(model, field, where, "count by", [{ kind: "count" }]),
  );
  return new Map(groups.map(([value, count]) => [value, Number(count)]));
}

/** Returns the different values of a field in ascending order; null is last. */
export async function distinct(
  executor: Executor,
  model: AnyModel,
  field: unknown,
  filterBy: unknown,
  models: Models,
): Promise<unknown[]> {
  const where = compileFilter(model, filterBy, models);
  const groups = await executor.run(
    statementOfOne(model, field, where, "list values of", []),
  );
  return groups.map(([value]) => value);
}

function statementOfOne(
  model: AnyModel,
  name: unknown,
  where: Condition,
  action: string,
  measures: readonly Measure[],
): AggregateStatement {
  const field = groupField(model, name, action);
  return Object.freeze<AggregateStatement>({
    kind: "aggregate",
    model,
    where,
    groupBy: [field],
    measures,
    having: [],
    order: [{ by: 0, direction: "asc" }],
    limit: undefined,
  });
}
