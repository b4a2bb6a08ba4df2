import type { Document } from "mongodb";
import type { FindStatement } from "../../query/statement/statement.ts";
import { filterOf } from "./condition.ts";
import { projectionOf } from "../codec/projection.ts";
import { orderOf } from "./order.ts";

/** A read as the driver takes it: a plain find where that will do, else an aggregation. */
export type FindCommand =
  | {
    readonly kind: "find";
    readonly filter: Document;
    readonly projection: Document;
    readonly sort: Document | undefined;
    readonly skip: number | undefined;
    readonly limit: number | undefined;
  }
  | { readonly kind: "aggregate"; readonly pipeline: Document[] };

/** The command of a read. */
export function findCommand(
  { model, where, order, fields, limit, offset }: FindStatement,
): FindCommand {
  const filter = filterOf(where);
  const projection = projectionOf(model, fields);
  const { sort, computed } = orderOf(order, model);
  const names = Object.keys(computed);
  const skip = offset === 0 ? undefined : offset;
  if (names.length === 0) {
    return {
      kind: "find",
      filter,
      projection,
      sort: order.length === 0 ? undefined : sort,
      skip,
      limit,
    };
  }
  const without = fields === model.fields
    ? { ...Object.fromEntries(names.map((name) => [name, 0])), ...projection }
    : projection;
  return {
    kind: "aggregate",
    pipeline: [
      ...(where.kind === "all" ? [] : [{ $match: filter }]),
      { $addFields: computed },
      { $sort: sort },
      ...(skip === undefined ? [] : [{ $skip: skip }]),
      ...(limit === undefined ? [] : [{ $limit: limit }]),
      { $project: without },
    ],
  };
}
