import type { Document } from "mongodb";
import { ValidationError } from "../../base/errors/mod.ts";
import { expressionOf, type Operation } from "../../model/expression.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import {
  derivedRefusal,
  derivedStage,
  updateWithDerived,
} from "../codec/derived.ts";
import { holdsNan } from "../codec/holds_nan.ts";
import { refuseTextOrder } from "./refuse_text_order.ts";
import { sumExpression } from "./sum.ts";

/**
 * Returns the update that makes changes, and values derived from them.
 *
 * @param values the encoded values by column; those of `operations` are combined with the stored ones
 */
export function updateOf(
  model: AnyModel,
  values: Document,
  operations: ReadonlyMap<Field, Operation>,
): Document | Document[] {
  if (operations.size === 0) return updateWithDerived(model, values);
  const assignments: Document = {};
  for (const [column, value] of Object.entries(values)) {
    assignments[column] = { $literal: value };
  }
  for (const [field, operation] of operations) {
    const { column } = field;
    assignments[column] = combination(field, operation, values[column]);
  }
  return [{ $set: assignments }, ...derivedStage(model, values)];
}

/**
 * Refuses operations that MongoDB cannot do with the result of PostgreSQL.
 *
 * @throws {QueryError} with a field that MongoDB orders differently
 * @throws {ValidationError} with an increment of a field whose derived value accepts only some values
 */
export function refuseOperations(
  model: AnyModel,
  operations: ReadonlyMap<Field, Operation>,
): void {
  for (const [field, operation] of operations) {
    if (operation === "greatest" || operation === "least") {
      refuseTextOrder(model, field, "update");
    }
    if (operation !== "increment") continue;
    if (derivedRefusal(model, field) === undefined) continue;
    throw new ValidationError(model.name, [{
      index: 0,
      field: field.name,
      value: expressionOf(operation, undefined),
      reason:
        "cannot be incremented on MongoDB: a derived value accepts only some of its values, and only the database knows the sum",
    }], { isOneRow: true });
  }
}

/** Returns the new value of a field as an aggregation expression. */
function combination(
  field: Field,
  operation: Operation,
  value: unknown,
): Document {
  const stored = `$${field.column}`;
  const given = { $literal: value };
  switch (operation) {
    case "increment":
      return sumExpression(field, value);
    case "ifNull":
      return { $ifNull: [stored, given] };
    case "greatest": {
      const greater = { $max: [stored, given] };
      // MongoDB takes NaN as the least number.
      return holdsNan(field)
        ? Number.isNaN(value) ? given : {
          $cond: [{ $eq: [stored, NaN] }, stored, greater],
        }
        : greater;
    }
    case "least": {
      const lesser = { $min: [stored, given] };
      return holdsNan(field)
        ? Number.isNaN(value) ? { $ifNull: [stored, given] } : {
          $cond: [{ $eq: [stored, NaN] }, given, lesser],
        }
        : lesser;
    }
  }
}
