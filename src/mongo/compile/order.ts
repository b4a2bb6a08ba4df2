import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import { isFloat } from "../../model/value_problem.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Sort } from "../../query/statement/statement.ts";
import { pathOf } from "../codec/projection.ts";

/** An order as MongoDB has it. */
export interface MongoOrder {
  /** Columns and computed keys, 1 or -1. */
  readonly sort: Document;
  /** Computed keys by name; none where an index can serve the order. */
  readonly computed: Document;
}

/**
 * An order of a model's rows. MongoDB has null least; where null must stand elsewhere, where NaN
 * must be greatest and where whole arrays are compared, a computed key goes
 * before, whose name no column has.
 */
export function orderOf(
  order: readonly Sort[],
  { fields, mongo: { derived } }: AnyModel,
): MongoOrder {
  const used = new Set(fields.map(({ column }) => column));
  const free = (name: string): string =>
    used.has(name) || derived.has(name) ? free(`_${name}`) : name;
  const sort: Document = {};
  const computed: Document = {};
  for (const [place, part] of order.entries()) {
    const { field, direction } = part;
    const way = direction === "asc" ? 1 : -1;
    const rank = rankOf(part);
    if (rank !== undefined) {
      const name = free(`_rank${place}`);
      computed[name] = rank;
      sort[name] = way;
    }
    if (field.type.kind === "array") {
      const name = free(`_whole${place}`);
      computed[name] = { items: itemsOf(field) };
      sort[name] = way;
    } else sort[field.column] = way;
  }
  return { sort, computed };
}

/** An array as it is compared item by item, as it is inside a document; alone, its least or greatest item would count. Null is greater than every item. */
function itemsOf(field: Field): Document {
  const items = { $ifNull: [pathOf(field), null] };
  return field.type.kind === "array" && field.type.nullableItems
    ? { $map: { input: items, in: [{ $lte: ["$$this", null] }, "$$this"] } }
    : items;
}

/** -1, 0, 1, 2 for null that is least, a value, NaN, null that is greatest; undefined where the values' own order will do. */
function rankOf({ field, direction, nulls }: Sort): Document | undefined {
  const greatest = (direction === "asc") === (nulls === "last");
  const branches: Document[] = [];
  if (field.nullable && (greatest || isRanked(field))) {
    branches.push({
      case: { $lte: [pathOf(field), null] },
      then: greatest ? 2 : -1,
    });
  }
  if (field.nan === "keep" && isFloat(field.type)) {
    branches.push({ case: { $eq: [pathOf(field), NaN] }, then: 1 });
  }
  return branches.length === 0
    ? undefined
    : { $switch: { branches, default: 0 } };
}

function isRanked({ nan, type }: Field): boolean {
  return nan === "keep" && isFloat(type);
}
