import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition, Sort } from "../statement/statement.ts";
import { all } from "../statement/condition.ts";
import { compileFilter } from "../filter/compile_filter.ts";

/** The condition that a row comes after another in an order; the last part of the order is unique. */
export function afterRow(
  model: AnyModel,
  order: readonly Sort[],
  after: unknown,
): Condition {
  const last = keyOf(model, order, after);
  const terms: Condition[] = [];
  const equal: Condition[] = [];
  for (const sort of order) {
    const value = last.get(sort) ?? null;
    const past = beyond(sort, value);
    if (past !== undefined) terms.push(all([...equal, past]));
    equal.push(
      value === null
        ? { kind: "null", field: sort.field }
        : { kind: "compare", field: sort.field, operator: "eq", value },
    );
  }
  const [first] = order;
  const either: Condition = { kind: "or", terms };
  if (first === undefined || first.field.nullable) return either;
  // Implied by the rest, but a plain range is what an index can start from.
  return all([{
    kind: "compare",
    field: first.field,
    operator: first.direction === "asc" ? "gte" : "lte",
    value: last.get(first),
  }, either]);
}

function beyond(sort: Sort, value: unknown): Condition | undefined {
  const isNull: Condition = { kind: "null", field: sort.field };
  if (value === null) {
    return sort.nulls === "first" ? { kind: "not", term: isNull } : undefined;
  }
  const past: Condition = {
    kind: "compare",
    field: sort.field,
    operator: sort.direction === "asc" ? "gt" : "lt",
    value,
  };
  return sort.field.nullable && sort.nulls === "last"
    ? { kind: "or", terms: [past, isNull] }
    : past;
}

function keyOf(
  model: AnyModel,
  order: readonly Sort[],
  after: unknown,
): ReadonlyMap<Sort, unknown> {
  const key = new Map<Sort, unknown>();
  for (const sort of order) {
    const { name } = sort.field;
    const value: unknown = typeof after === "object" && after !== null
      ? Reflect.get(after, name)
      : undefined;
    if (value === undefined) {
      throw new QueryError(
        `Cannot page ${model.name}: after must be the last row of the page before, with ${
          order.map(({ field }) => field.name).join(", ")
        }; it has no ${name}`,
        { model: model.name, field: name },
      );
    }
    const term = compileFilter(model, {
      [name]: value === null ? null : { eq: value },
    });
    key.set(sort, term.kind === "compare" ? term.value : null);
  }
  return key;
}
