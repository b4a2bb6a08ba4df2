import {
  expressionOf,
  operandOf,
  type Operation,
} from "../../model/expression.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import { valueProblem } from "../../model/value_problem.ts";
import { versionOf } from "../../model/version.ts";
import type { AnyModel } from "../../model/types.ts";
import type { UpdateEachStatement } from "../statement/statement.ts";
import { raised } from "./raised.ts";
import { storedValue, type Values } from "./values.ts";

/** Changes as statements have them: values, and the operations that combine some of them with the stored values. */
export interface Assignments {
  readonly set: Values;
  readonly operations: ReadonlyMap<Field, Operation>;
}

const NO_OPERATIONS: ReadonlyMap<Field, Operation> = new Map();

/** Separates the operations of changes from their values. */
export function assignmentsOf(changes: Values): Assignments {
  const operations = operationsOf(changes);
  if (operations.size === 0) return { set: changes, operations };
  return {
    set: new Map(
      Array.from(
        changes,
        ([field, value]) => [field, operandOf(value)?.value ?? value],
      ),
    ),
    operations,
  };
}

/** Returns the fields whose changes are expressions, with their operations. */
export function operationsOf(
  changes: Values,
): ReadonlyMap<Field, Operation> {
  let operations: Map<Field, Operation> | undefined;
  for (const [field, value] of changes) {
    const operation = operandOf(value)?.operation;
    if (operation === undefined) continue;
    operations ??= new Map();
    operations.set(field, operation);
  }
  return operations ?? NO_OPERATIONS;
}

/** Returns the statement of changes that set the same fields with the same operations. */
export function updateEachOf(
  model: AnyModel,
  changes: readonly KeyedChange[],
): UpdateEachStatement {
  const [first] = changes;
  const version = first?.version === undefined ? undefined : versionOf(model);
  const shared = raised(model, first?.values ?? new Map());
  const set = [...shared.keys()];
  const operations = operationsOf(shared);
  const areAll = operations.size === 0;
  const valueOf = (values: Values, field: Field): unknown => {
    const given = values.get(field);
    const change = given === undefined && !values.has(field)
      ? shared.get(field)
      : given;
    return areAll || !operations.has(field) ? change : operandOf(change)?.value;
  };
  const key = fieldsNamed(model, model.primaryKey);
  return {
    kind: "updateEach",
    model,
    key: version === undefined ? key : [...key, version],
    set,
    operations,
    changes: changes.map(({ key, version, values }) => ({
      key: version === undefined ? key : [...key, version],
      values: set.map((field) => valueOf(values, field)),
    })),
  };
}

/** The change of a row, which is found by its primary key. */
export interface KeyedChange {
  readonly key: readonly unknown[];
  /** The version that the row must have; undefined if it may have any. */
  readonly version: unknown;
  readonly values: Values;
}

/**
 * Returns one change that has the effect of two changes of a field, the later
 * one after the earlier one; undefined if there is none.
 */
export function combined(
  field: Field,
  earlier: unknown,
  later: unknown,
): { readonly change: unknown } | undefined {
  const next = operandOf(later);
  if (next === undefined || earlier === undefined) return { change: later };
  if (next.operation !== "increment") return undefined;
  const previous = operandOf(earlier);
  if (previous !== undefined && previous.operation !== "increment") {
    return undefined;
  }
  const base = previous === undefined ? earlier : previous.value;
  const sum = base === null
    ? null
    : storedValue(field, added(base, next.value));
  if (valueProblem(field, sum) !== undefined) return undefined;
  return {
    change: previous === undefined ? sum : expressionOf("increment", sum),
  };
}

function added(left: unknown, right: unknown): unknown {
  if (typeof left === "bigint" && typeof right === "bigint") {
    return left + right;
  }
  return typeof left === "number" && typeof right === "number"
    ? left + right
    : undefined;
}
