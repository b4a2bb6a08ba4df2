import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Nearest } from "../../query/statement/position.ts";
import type { Sort } from "../../query/statement/statement.ts";
import { codecOf } from "../codec/field_codec.ts";
import { refuseTextOrder } from "./refuse_text_order.ts";
import { distanceFrom } from "./sky.ts";
import { holdsNan } from "../codec/holds_nan.ts";

/** An order as MongoDB sorts. */
export interface MongoSort {
  /** Columns and computed keys, 1 for ascending and -1 for descending. */
  readonly sort: Document;
  /** Computed keys by name; empty if an index can provide the order. */
  readonly computed: Document;
}

/**
 * Compiles an order of a model's rows. MongoDB sorts null first, NaN before all
 * numbers, and arrays by their least or greatest item. If the order requires
 * something else, a computed key precedes or replaces the column.
 */
export function compileSort(
  order: readonly Sort[],
  model: AnyModel,
  nearest?: Nearest,
): MongoSort {
  const { fields, mongo: { derived } } = model;
  const sort: Document = {};
  const computed: Document = {};
  if (order.length === 0 && nearest === undefined) return { sort, computed };
  const freeName = (name: string): string =>
    fields.some(({ column }) => column === name) || derived.has(name)
      ? freeName(`_${name}`)
      : name;
  if (nearest !== undefined) {
    const name = freeName("_distance");
    computed[name] = distanceFrom(nearest);
    sort[name] = 1;
  }
  for (const [index, part] of order.entries()) {
    const { field, direction } = part;
    refuseTextOrder(model, field, "order");
    const sign = direction === "asc" ? 1 : -1;
    const rank = rankOf(part);
    if (rank !== undefined) {
      const name = freeName(`_rank${index}`);
      computed[name] = rank;
      sort[name] = sign;
    }
    if (codecOf(field.type).order === "items") {
      const name = freeName(`_whole${index}`);
      computed[name] = { items: itemsOf(field) };
      sort[name] = sign;
    } else sort[field.column] = sign;
  }
  return { sort, computed };
}

/** An array inside a document, which MongoDB compares item by item. Null is greater than any other item. */
function itemsOf({ column, type }: Field): Document {
  const items = { $ifNull: [`$${column}`, null] };
  return codecOf(type).containsNull
    ? { $map: { input: items, in: [{ $lte: ["$$this", null] }, "$$this"] } }
    : items;
}

/** A key of -1 for null first, 0 for a value, 1 for NaN, 2 for null last; undefined if the values sort correctly themselves. */
function rankOf({ field, direction, nulls }: Sort): Document | undefined {
  const isGreatest = (direction === "asc") === (nulls === "last");
  const hasNan = holdsNan(field);
  const path = `$${field.column}`;
  const branches: Document[] = [];
  if (field.nullable && (isGreatest || hasNan)) {
    branches.push({
      case: { $lte: [path, null] },
      then: isGreatest ? 2 : -1,
    });
  }
  if (hasNan) branches.push({ case: { $eq: [path, NaN] }, then: 1 });
  return branches.length === 0
    ? undefined
    : { $switch: { branches, default: 0 } };
}
