import { QueryError } from "../../base/errors/mod.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { nearest } from "../../base/nearest.ts";
import type { Sort } from "../statement/statement.ts";
import { fieldNamed } from "../checks/field_names.ts";

/** The direction of one field of an order. Nulls are last in both directions, unless `nulls` is `first`. */
export type Direction = "asc" | "desc" | {
  /** Ascending or descending. */
  direction: "asc" | "desc";
  /** The position of nulls. */
  nulls: "first" | "last";
};

/** An order by fields, in the order of the keys. The primary key is always appended. */
export type OrderBy<Row> = { [F in keyof Row]?: Direction };

/**
 * Compiles the option `orderBy`, and appends the primary key so that the order is total.
 *
 * @param rest the order of rows that are equal in `orderBy`
 */
export function compileOrder(
  model: AnyModel,
  orderBy: unknown,
  rest?: unknown,
): readonly Sort[] {
  const order = orderBy === undefined ? [] : compileSorts(model, orderBy);
  const named = new Set(order.map(({ field }) => field.name));
  for (const sort of rest === undefined ? [] : compileSorts(model, rest)) {
    if (!named.has(sort.field.name)) order.push(sort);
    named.add(sort.field.name);
  }
  for (const field of fieldsNamed(model, model.primaryKey)) {
    if (!named.has(field.name)) {
      order.push({ field, direction: "asc", nulls: "last" });
    }
  }
  return order;
}

function compileSorts(model: AnyModel, orderBy: unknown): Sort[] {
  if (
    typeof orderBy !== "object" || orderBy === null || Array.isArray(orderBy)
  ) {
    throw new QueryError(
      `Cannot order ${model.name}: orderBy must be an object like { mjd: "desc" }`,
      { model: model.name },
    );
  }
  return Object.entries(orderBy).map(([name, requested]) => {
    const field = fieldNamed(model, name, "order");
    if (field.type.kind === "json") {
      throw new QueryError(
        `Cannot order ${model.name}: ${name} is JSON, which has no order`,
        { model: model.name, field: name },
      );
    }
    return { field, ...directionOf(model, name, requested) };
  });
}

function directionOf(
  model: AnyModel,
  name: string,
  requested: unknown,
): Pick<Sort, "direction" | "nulls"> {
  const given: unknown = typeof requested === "string"
    ? { direction: requested, nulls: "last" }
    : requested;
  if (typeof given === "object" && given !== null && "direction" in given) {
    const nulls = "nulls" in given ? given.nulls : "last";
    if (
      (given.direction === "asc" || given.direction === "desc") &&
      (nulls === "first" || nulls === "last")
    ) return { direction: given.direction, nulls };
  }
  const word = typeof requested === "string" ? requested : undefined;
  throw new QueryError(
    `Cannot order ${model.name}: ${name} must be "asc", "desc" or { direction, nulls: "first" | "last" }`,
    {
      model: model.name,
      field: name,
      nearest: word === undefined ? undefined : nearest(word, ["asc", "desc"]),
    },
  );
}
