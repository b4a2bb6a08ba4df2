import type { Document } from "mongodb";
import { cachedByFields } from "../../model/cached_by_fields.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { FindStatement } from "../../query/statement/statement.ts";
import { compileSort } from "./sort.ts";

/** A read: a find if the driver can sort the documents by their fields, else an aggregation. */
export type FindCommand =
  | {
    readonly kind: "find";
    readonly filter: Document;
    readonly projection: Document | undefined;
    readonly sort: Document | undefined;
    readonly skip: number | undefined;
    readonly limit: number | undefined;
  }
  | { readonly kind: "aggregate"; readonly pipeline: Document[] };

/** Compiles a read, with a filter in place of its condition. */
export function findCommand(
  { model, nearest, order, fields, limit, offset }: Omit<
    FindStatement,
    "where"
  >,
  filter: Document,
): FindCommand {
  const projection = projectionOf(model, fields);
  const skip = offset === 0 ? undefined : offset;
  if (order.length === 0 && nearest === undefined) {
    return { kind: "find", filter, projection, sort: undefined, skip, limit };
  }
  const { sort, computed } = compileSort(order, model, nearest);
  const computedNames = Object.keys(computed);
  if (computedNames.length === 0) {
    return {
      kind: "find",
      filter,
      projection,
      sort,
      skip,
      limit,
    };
  }
  const hidden = computedNames.map((name) => [name, 0]);
  return {
    kind: "aggregate",
    pipeline: [
      ...(Object.keys(filter).length === 0 ? [] : [{ $match: filter }]),
      { $addFields: computed },
      { $sort: sort },
      ...(skip === undefined ? [] : [{ $skip: skip }]),
      ...(limit === undefined ? [] : [{ $limit: limit }]),
      {
        $project: fields === model.fields
          ? {
            ...Object.fromEntries(hidden),
            ...projection,
            ...withoutId(fields),
          }
          : projection ?? {},
      },
    ],
  };
}

/**
 * The projection to some fields. For all fields of the model, it only leaves
 * out derived values: a row's reader skips an `_id` that is not a field in less
 * time than the server removes it. Undefined if there is nothing to leave out.
 */
export function projectionOf(
  model: AnyModel,
  fields: readonly Field[],
): Document | undefined {
  return projections(model, fields).projection;
}

const projections = cachedByFields((
  model,
  fields,
): { readonly projection: Document | undefined } => {
  if (fields === model.fields) {
    const derived = [...model.mongo.derived.keys()].map((name) => [name, 0]);
    const projection = Object.freeze(Object.fromEntries(derived));
    return { projection: derived.length === 0 ? undefined : projection };
  }
  const entries = fields.map(({ column }) => [column, 1]);
  return {
    projection: Object.freeze({
      ...Object.fromEntries(entries),
      ...withoutId(fields),
    }),
  };
});

function withoutId(fields: readonly Field[]): Document {
  return fields.some(({ column }) => column === "_id") ? {} : { _id: 0 };
}
