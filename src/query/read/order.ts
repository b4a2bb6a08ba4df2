import { QueryError } from "../../base/errors/mod.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { nearest } from "../../base/nearest.ts";
import type { Sort } from "../statement/statement.ts";
import { fieldNamed } from "../checks/field_names.ts";

/** Which way a field is ordered. Null stands last either way unless `nulls` says first. */
export type Direction = "asc" | "desc" | {
  /** Which way. */
  direction: "asc" | "desc";
  /** Where null stands. */
  nulls: "first" | "last";
};

/** An order by fields; the order of the keys counts, and the primary key is always appended. */
export type OrderBy<Row> = { [F in keyof Row]?: Direction };

/** The order that a caller asked for, ended by the primary key so that equal rows have one too. */
export function orderOf(model: AnyModel, orderBy: unknown): readonly Sort[] {
  const order = orderBy === undefined ? [] : sortsOf(model, orderBy);
  const named = new Set(order.map(({ field }) => field.name));
  for (const field of fieldsNamed(model, model.primaryKey)) {
    if (!named.has(field.name)) {
      order.push({ field, direction: "asc", nulls: "last" });
    }
  }
  return order;
}

function sortsOf(model: AnyModel, orderBy: unknown): Sort[] {
  if (
    typeof orderBy !== "object" || orderBy === null || Array.isArray(orderBy)
  ) {
    throw new QueryError(
      `Cannot order ${model.name}: an order is an object like { mjd: "desc" }`,
      { model: model.name },
    );
  }
  return Object.entries(orderBy).map(([name, asked]) => {
    const field = fieldNamed(model, name, "order");
    if (field.type.kind === "json") {
      throw new QueryError(
        `Cannot order ${model.name}: ${name} holds JSON, which has no order`,
        { model: model.name, field: name },
      );
    }
    return { field, ...direction(model, name, asked) };
  });
}

function direction(
  model: AnyModel,
  name: string,
  asked: unknown,
): Pick<Sort, "direction" | "nulls"> {
  const given: unknown = typeof asked === "string"
    ? { direction: asked, nulls: "last" }
    : asked;
  if (typeof given === "object" && given !== null && "direction" in given) {
    const nulls = "nulls" in given ? given.nulls : "last";
    if (
      (given.direction === "asc" || given.direction === "desc") &&
      (nulls === "first" || nulls === "last")
    ) return { direction: given.direction, nulls };
  }
  const word = typeof asked === "string" ? asked : undefined;
  throw new QueryError(
    `Cannot order ${model.name}: ${name} takes "asc", "desc" or { direction, nulls: "first" | "last" }`,
    {
      model: model.name,
      field: name,
      nearest: word === undefined ? undefined : nearest(word, ["asc", "desc"]),
    },
  );
}
