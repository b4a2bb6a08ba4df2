import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import { isInteger } from "../../model/value_problem.ts";
import { groupModel, plainField } from "../../query/statement/group_model.ts";
import type {
  AggregateStatement,
  Measure,
} from "../../query/statement/statement.ts";
import { holdsNan } from "../codec/holds_nan.ts";
import { compileFilter } from "./filter.ts";
import { refuseTextOrder } from "./refuse_text_order.ts";
import { compileSort, type MongoSort } from "./sort.ts";

/** The number of rows of a group. */
const ROWS: Field = {
  ...plainField("rows", { kind: "int64" }),
  nullable: false,
};

/** Compiles a statement on groups of documents to a pipeline whose documents are rows of {@link groupModel}. */
export function aggregatePipeline(statement: AggregateStatement): Document[] {
  const { model, where, groupBy, measures, having, order, limit } = statement;
  const filter = compileFilter(model, where);
  const accumulators: Document = { rows: { $sum: 1 } };
  const values: Document = { _id: 0 };
  for (const [index] of groupBy.entries()) {
    values[`v${index}`] = `$_id.g${index}`;
  }
  for (const [index, measure] of measures.entries()) {
    const name = `v${groupBy.length + index}`;
    const { parts, value } = measureOf(statement, measure, name);
    Object.assign(accumulators, parts);
    values[name] = value;
  }
  const { sort, computed } = sortOf(statement);
  const hidden = Object.keys(computed);
  return [
    ...(Object.keys(filter).length === 0 ? [] : [{ $match: filter }]),
    {
      $group: {
        _id: groupBy.length === 0 ? null : Object.fromEntries(
          groupBy.map(({ column, nullable }, index) => [
            `g${index}`,
            // A document without the field belongs to the group of null.
            nullable ? { $ifNull: [`$${column}`, null] } : `$${column}`,
          ]),
        ),
        ...accumulators,
      },
    },
    ...having.map(({ operator, value }) => ({
      $match: { rows: { [`$${operator}`]: value } },
    })),
    { $project: { ...values, rows: 1 } },
    ...(hidden.length === 0 ? [] : [{ $addFields: computed }]),
    ...(order.length === 0 ? [] : [{ $sort: sort }]),
    ...(limit === undefined ? [] : [{ $limit: limit }]),
    {
      $project: Object.fromEntries(
        ["rows", ...hidden].map((name) => [name, 0]),
      ),
    },
  ];
}

function sortOf({ order, ...statement }: AggregateStatement): MongoSort {
  const model = groupModel(statement);
  return compileSort(
    order.map(({ by, direction }) => ({
      field: (by === "count" ? undefined : model.fields[by]) ?? ROWS,
      direction,
      nulls: "last",
    })),
    model,
  );
}

interface MeasureParts {
  /** What `$group` accumulates. */
  readonly parts: Document;
  /** The value of the group from what was accumulated. */
  readonly value: unknown;
}

function measureOf(
  { model }: AggregateStatement,
  measure: Measure,
  name: string,
): MeasureParts {
  if (measure.kind === "count") return { parts: {}, value: "$rows" };
  const { kind, field } = measure;
  const path = `$${field.column}`;
  const result = `$${name}`;
  switch (kind) {
    case "countDistinct":
      return {
        parts: { [name]: { $addToSet: valueOf(path) } },
        value: { $size: result },
      };
    case "avg":
      return { parts: { [name]: { $avg: path } }, value: result };
    case "sum": {
      // The server adds integers of 64 bits as floats when their sum is greater.
      const added = field.type.kind === "int64" ? { $toDecimal: path } : path;
      const value = isInteger(field.type) ? { $toString: result } : result;
      const sum = { [name]: { $sum: added } };
      if (!field.nullable) return { parts: sum, value };
      const number = `n_${name}`;
      return {
        parts: {
          ...sum,
          [number]: { $sum: { $cond: [{ $gt: [path, null] }, 1, 0] } },
        },
        value: { $cond: [{ $eq: [`$${number}`, 0] }, null, value] },
      };
    }
    case "min":
    case "max":
      refuseTextOrder(model, field, "aggregate");
      return extremeOf(kind, field, name);
  }
}

/** The least or greatest value. MongoDB takes NaN as less than all numbers; here it is the greatest. */
function extremeOf(
  kind: "min" | "max",
  field: Field,
  name: string,
): MeasureParts {
  const path = `$${field.column}`;
  const result = { $ifNull: [`$${name}`, null] };
  if (!holdsNan(field)) {
    return { parts: { [name]: { [`$${kind}`]: path } }, value: result };
  }
  const isNan = { $eq: [path, NaN] };
  const nan = `nan_${name}`;
  return {
    parts: {
      [name]: { [`$${kind}`]: { $cond: [isNan, null, path] } },
      [nan]: { $max: isNan },
    },
    value: {
      $cond: [
        {
          $and: [
            `$${nan}`,
            kind === "max" ? true : { $lte: [`$${name}`, null] },
          ],
        },
        NaN,
        result,
      ],
    },
  };
}

/** The value, or nothing for null. */
function valueOf(path: string): Document {
  return { $cond: [{ $lte: [path, null] }, "$$REMOVE", path] };
}
