import { QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import { BASE64 } from "./cursor_value.ts";
import { all, type Condition, isNull, not } from "../statement/condition.ts";
import type { Sort } from "../statement/statement.ts";

/**
 * Matches the rows after a given row. The last part of the order must be unique.
 *
 * @param isIncluded whether the row itself matches too
 */
export function afterRow(
  model: AnyModel,
  order: readonly Sort[],
  after: unknown,
  isIncluded = false,
): Condition {
  const last = orderValues(model, order, after);
  const rowKey = keyOf(model, last);
  const terms: Condition[] = [];
  const equal: Condition[] = [];
  for (const sort of order) {
    const value = last.get(sort) ?? null;
    const later = laterValue(sort, value, rowKey);
    if (later !== undefined) terms.push(all([...equal, later]));
    equal.push(
      value === null ? isNull(sort.field) : {
        kind: "compare",
        field: sort.field,
        operator: "eq",
        value,
        inOrder: true,
        rowKey,
      },
    );
  }
  if (isIncluded) terms.push(all(equal));
  const [first] = order;
  const either: Condition = { kind: "or", terms };
  if (first === undefined || first.field.nullable) return either;
  // Redundant, but an index scan can start from a plain range.
  return all([{
    kind: "compare",
    field: first.field,
    operator: first.direction === "asc" ? "gte" : "lte",
    value: last.get(first),
    rowKey,
  }, either]);
}

/** Matches the values that an order puts after a value; undefined if there are none. */
function laterValue(
  sort: Sort,
  value: unknown,
  rowKey: RowKey,
): Condition | undefined {
  const { field, direction, nulls } = sort;
  if (value === null) {
    return nulls === "first" ? not(isNull(field)) : undefined;
  }
  const later: Condition = {
    kind: "compare",
    field,
    operator: direction === "asc" ? "gt" : "lt",
    value,
    rowKey,
  };
  return field.nullable && nulls === "last"
    ? { kind: "or", terms: [later, isNull(field)] }
    : later;
}

type RowKey = Extract<Condition, { kind: "compare" }>["rowKey"];

/** Returns the values of the primary key, which an order ends with; undefined if the model has none. */
function keyOf(
  { primaryKey }: AnyModel,
  last: ReadonlyMap<Sort, unknown>,
): RowKey {
  if (primaryKey.length === 0) return undefined;
  return [...last].flatMap(([{ field }, value]) =>
    primaryKey.includes(field.name) ? [[field, value] as const] : []
  );
}

/** A time as `Date.prototype.toJSON` writes it. */
const JSON_TIME = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Returns a value of a row that went through JSON, which has neither times nor bytes. Any other value is returned unchanged. */
function fromJson({ type: { kind } }: Field, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (kind === "date" && JSON_TIME.test(value)) return new Date(value);
  return kind === "bytes" && BASE64.test(value)
    ? Uint8Array.fromBase64(value)
    : value;
}

/** Returns the values of the order's fields in the row `after`. */
function orderValues(
  model: AnyModel,
  order: readonly Sort[],
  after: unknown,
): ReadonlyMap<Sort, unknown> {
  const values = new Map<Sort, unknown>();
  for (const sort of order) {
    const { name } = sort.field;
    const value: unknown = typeof after === "object" && after !== null
      ? Reflect.get(after, name)
      : undefined;
    if (value === undefined) {
      throw new QueryError(
        `Cannot page ${model.name}: after must be the last row of the previous page, with ${
          order.map(({ field }) => field.name).join(", ")
        }; it has no ${name}`,
        { model: model.name, field: name },
      );
    }
    if (value === null && !sort.field.nullable) {
      throw new QueryError(
        `Cannot page ${model.name}: ${name} of after is null, but the field has no null. JSON writes NaN and infinities as null; pass the row as it was read`,
        { model: model.name, field: name },
      );
    }
    const term = compileFilter(model, {
      [name]: value === null ? null : { eq: fromJson(sort.field, value) },
    });
    values.set(sort, term.kind === "compare" ? term.value : null);
  }
  return values;
}
