import { QueryError } from "../../base/errors/mod.ts";
import type { Budget } from "../../base/value_budget.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";

/** The field that a filter is about. */
export interface Target {
  readonly model: AnyModel;
  readonly field: Field;
  /** What the filter may still contain. */
  readonly budget: Budget;
}

/**
 * Returns the error about a wrong part of a filter.
 *
 * @param target the model, and the field or relation
 * @param nearest the most similar correct name
 */
export function filterError(
  { model, field }: {
    readonly model: AnyModel;
    readonly field: { readonly name: string };
  },
  problem: string,
  nearest?: string,
): QueryError {
  return new QueryError(`Cannot filter ${model.name}: ${problem}`, {
    model: model.name,
    field: field.name,
    nearest,
  });
}

/**
 * Returns the value of an operator that takes true or false.
 *
 * @throws {QueryError} if it is another value
 */
export function flagOf(
  target: Target,
  operator: string,
  value: unknown,
): boolean {
  if (typeof value === "boolean") return value;
  throw filterError(
    target,
    `${operator} requires true or false for ${target.field.name}`,
  );
}

/** Why no row of a field holds NaN or an infinity. */
export function notFiniteAdvice({ nan }: Field): string {
  return nan === "null"
    ? ", which the model stores as null: filter by null"
    : '; only fields with meta({ nan: "keep" }) in the model hold it';
}
