import {
  expressionOf,
  expressionText,
  operandOf,
  type Operation,
} from "../../model/expression.ts";
import type { Field } from "../../model/field.ts";
import { keysOf } from "../../model/keys.ts";
import { holdsMicroseconds } from "../../model/microseconds.ts";
import { isNeverUpdated } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";
import { isFloat, isInteger, valueProblem } from "../../model/value_problem.ts";
import { neverUpdatedText } from "../checks/updatable.ts";
import { changes, put, storedValue, type Values } from "./values.ts";

/** Returns the changes of an update like {@link changes}, and takes expressions. */
export function expressedChanges(
  model: AnyModel,
  attributes: object,
  index: number,
): Values {
  return changes(
    model,
    attributes,
    index,
    (values, problems, field, value, index) => {
      const operand = operandOf(value);
      if (operand === undefined) {
        put(values, problems, field, value, index);
        return;
      }
      const { operation } = operand;
      const given = operation === "increment"
        ? amountOf(field, operand.value)
        : operand.value;
      const problem = fieldProblem(model, field, operation) ??
        operandProblem(field, operation, given);
      if (problem === undefined) {
        const stored = storedValue(field, given);
        values.set(field, expressionOf(operation, stored));
      } else {
        const reason = `cannot be ${expressionText(value)}: ${problem}`;
        problems.push({ index, field: field.name, value, reason });
      }
    },
  );
}

/** A whole amount may be a number or a bigint, for each type of integer. */
function amountOf({ type }: Field, value: unknown): unknown {
  return type.kind !== "int64" && isInteger(type) && typeof value === "bigint"
    ? Number(value)
    : value;
}

/** Why the database cannot compute a new value of the field. */
function fieldProblem(
  model: AnyModel,
  field: Field,
  operation: Operation,
): string | undefined {
  const { name, type } = field;
  if (field.isVersion) return "it is the version of the row";
  if (isNeverUpdated(field)) return `it ${neverUpdatedText(field)}`;
  if (keysOf(model).some((key) => key.includes(name))) {
    return "it is part of a key, which only a value can change";
  }
  if (operation === "ifNull") return undefined;
  if (operation !== "increment") {
    return type.kind === "json" || type.kind === "array"
      ? `${type.kind === "json" ? "JSON has" : "arrays have"} no order`
      : undefined;
  }
  if (!isInteger(type) && !isFloat(type)) {
    return `it holds ${type.kind} values, not numbers`;
  }
  if (holdsMicroseconds(field)) return "it holds times";
  return field.refine === undefined
    ? undefined
    : "its rules (.min(), .max(), .refine()) are checked before the write, and only the database knows the sum; declare them in checks of the model";
}

function operandProblem(
  field: Field,
  operation: Operation,
  value: unknown,
): string | undefined {
  if (operation === "increment" && typeof value === "number") {
    if (!Number.isFinite(value)) return `the amount is ${value}`;
  }
  const problem = valueProblem({ ...field, nullable: false }, value);
  if (problem === undefined) return undefined;
  return value === undefined || value === null
    ? `the value is ${value}`
    : `the value ${problem}`;
}
