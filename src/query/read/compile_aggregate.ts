import { QueryError } from "../../base/errors/mod.ts";
import { isPlain } from "../../base/is_plain.ts";
import { nearest } from "../../base/nearest.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { isFloat, isInteger } from "../../model/value_problem.ts";
import { fieldNamed } from "../checks/field_names.ts";
import { wholeNumberOption } from "../checks/whole_number.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import type { Comparison } from "../statement/condition.ts";
import type { Models } from "../statement/models.ts";
import type {
  AggregateStatement,
  GroupSort,
  Measure,
} from "../statement/statement.ts";

/** Unchecked options of an aggregation. */
export type RawAggregateOptions = Readonly<Record<string, unknown>>;

type FieldMeasure = Exclude<Measure["kind"], "count">;

/** The measures of a field. */
export const FIELD_MEASURES: readonly FieldMeasure[] = [
  "countDistinct",
  "min",
  "max",
  "sum",
  "avg",
];
const COUNT_CONDITIONS: readonly Comparison[] = [
  "eq",
  "gt",
  "gte",
  "lt",
  "lte",
];

/** Compiles the options of an aggregation. */
export function compileAggregate(
  model: AnyModel,
  options: RawAggregateOptions,
  models: Models,
): AggregateStatement {
  const groupBy = names(model, options, "groupBy").map((name) =>
    groupField(model, name, "group")
  );
  const measures = [
    ...countMeasure(model, options["count"]),
    ...FIELD_MEASURES.flatMap((kind) =>
      names(model, options, kind).map((name) => ({
        kind,
        field: measuredField(model, kind, name),
      }))
    ),
  ];
  if (groupBy.length === 0 && measures.length === 0) {
    throw refuse(
      model,
      "count",
      "it has nothing to compute; pass count: true, groupBy, countDistinct, min, max, sum, or avg",
    );
  }
  const hidden = groupBy.find(({ name }) =>
    measures.some(({ kind }) => kind === name)
  );
  if (hidden !== undefined) {
    throw refuse(
      model,
      hidden.name,
      `the results cannot have both the field ${hidden.name} and the measure ${hidden.name}`,
    );
  }
  const limit = wholeNumberOption(model, "limit", options["limit"]);
  return Object.freeze({
    kind: "aggregate",
    model,
    where: compileFilter(model, options["filterBy"], models),
    groupBy,
    measures,
    having: compileHaving(model, options["having"], groupBy),
    order: compileGroupOrder(model, options["orderBy"], groupBy, limit),
    limit,
  });
}

function countMeasure(model: AnyModel, count: unknown): readonly Measure[] {
  if (count === undefined) return [];
  if (count === true) return [{ kind: "count" }];
  throw refuse(model, "count", "count must be true; leave it out to not count");
}

/** Returns the field names of an option. */
function names(
  model: AnyModel,
  options: RawAggregateOptions,
  option: string,
): readonly string[] {
  const given = options[option];
  if (given === undefined) return [];
  if (Array.isArray(given)) return [...new Set(given.map(String))];
  throw refuse(model, option, `${option} must be an array of field names`);
}

/** Returns a field whose equal values form a group. */
export function groupField(
  model: AnyModel,
  name: unknown,
  action: string,
): Field {
  const field = fieldNamed(model, String(name), action);
  if (field.type.kind !== "json") return field;
  throw refuse(model, field.name, `${field.name} is JSON, which has no groups`);
}

function measuredField(
  model: AnyModel,
  kind: FieldMeasure,
  name: string,
): Field {
  const field = fieldNamed(model, name, "aggregate");
  const type = field.type.kind;
  if (kind === "sum" || kind === "avg") {
    if (isInteger(field.type) || isFloat(field.type)) return field;
    throw refuse(
      model,
      name,
      `${kind} requires numbers, and ${name} is ${type}`,
    );
  }
  const isOrdered = type !== "json" && type !== "array";
  if (isOrdered || (kind === "countDistinct" && type === "array")) return field;
  throw refuse(model, name, `${kind} cannot compare ${name}, which is ${type}`);
}

function compileHaving(
  model: AnyModel,
  having: unknown,
  groupBy: readonly Field[],
): AggregateStatement["having"] {
  if (having === undefined) return [];
  if (groupBy.length === 0) {
    throw refuse(model, "having", "having requires groupBy");
  }
  const count = isPlain(having) && Object.keys(having).join() === "count"
    ? having["count"]
    : undefined;
  if (!isPlain(count)) {
    throw refuse(
      model,
      "having",
      "having must be an object like { count: { gte: 3 } }",
    );
  }
  return Object.entries(count).map(([name, value]) => {
    const operator = COUNT_CONDITIONS.find((known) => known === name);
    if (operator === undefined) {
      throw new QueryError(
        `Cannot aggregate ${model.name}: the count of having has no operator "${name}"`,
        {
          model: model.name,
          field: name,
          nearest: nearest(name, COUNT_CONDITIONS),
        },
      );
    }
    if (typeof value !== "number" || Number.isNaN(value)) {
      throw refuse(model, "having", `count ${name} of having must be a number`);
    }
    return { operator, value };
  });
}

/** Compiles the order, and appends the fields of the groups, so that it is total. Without an order or a limit there is none. */
function compileGroupOrder(
  model: AnyModel,
  orderBy: unknown,
  groupBy: readonly Field[],
  limit: number | undefined,
): readonly GroupSort[] {
  if (orderBy === undefined && limit === undefined) return [];
  const order = orderBy === undefined
    ? []
    : compileGroupSorts(model, orderBy, groupBy);
  const rest: GroupSort[] = groupBy.map((_, by) => ({ by, direction: "asc" }));
  return [
    ...order,
    ...rest.filter(({ by }) => !order.some((sort) => sort.by === by)),
  ];
}

function compileGroupSorts(
  model: AnyModel,
  orderBy: unknown,
  groupBy: readonly Field[],
): GroupSort[] {
  if (!isPlain(orderBy)) {
    throw refuse(
      model,
      "orderBy",
      'orderBy must be an object like { count: "desc" }',
    );
  }
  const known = [...groupBy.map(({ name }) => name), "count"];
  return Object.entries(orderBy).map(([name, direction]) => {
    const index = groupBy.findIndex((field) => field.name === name);
    if (index < 0 && name !== "count") {
      throw new QueryError(
        `Cannot aggregate ${model.name}: orderBy can name count and the fields of groupBy, not "${name}"`,
        { model: model.name, field: name, nearest: nearest(name, known) },
      );
    }
    if (direction !== "asc" && direction !== "desc") {
      throw new QueryError(
        `Cannot aggregate ${model.name}: the order of ${name} must be "asc" or "desc"`,
        {
          model: model.name,
          field: name,
          nearest: nearest(String(direction), ["asc", "desc"]),
        },
      );
    }
    return { by: index < 0 ? "count" : index, direction };
  });
}

function refuse(model: AnyModel, field: string, problem: string): QueryError {
  return new QueryError(`Cannot aggregate ${model.name}: ${problem}`, {
    model: model.name,
    field,
  });
}
