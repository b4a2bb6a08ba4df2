import type { AnyModel, RowOf } from "../../model/types.ts";
import type { FullFilter } from "../filter/filter.ts";
import type { CallOptions } from "../statement/call_options.ts";
import type { Flat } from "./include_options.ts";

/** The fields of a row whose values are numbers. */
export type NumericField<Row> = {
  [F in keyof Row]: NonNullable<Row[F]> extends number | bigint ? F : never;
}[keyof Row];

/** Conditions on the number of rows of a group; all must hold. */
export interface CountCondition {
  /** Equal. */
  eq?: number;
  /** Greater. */
  gt?: number;
  /** Greater or equal. */
  gte?: number;
  /** Less. */
  lt?: number;
  /** Less or equal. */
  lte?: number;
}

/**
 * What to compute, over which rows.
 *
 * Nulls are left out of all measures but `count`. A measure of no values is null,
 * except a count, which is 0. The order of values is that of `orderBy`: texts by
 * code point, and NaN is the greatest number.
 */
export interface AggregateOptions<
  M extends AnyModel,
  Group extends keyof RowOf<M> = keyof RowOf<M>,
  Models extends AnyModel = M,
> extends CallOptions {
  /** The rows; all by default. */
  filterBy?: FullFilter<M, Models>;
  /** One result for each group of rows with equal values of these fields; null equals null. Without it, one result for all rows. */
  groupBy?: readonly Group[];
  /** The number of rows. */
  count?: true;
  /** The numbers of different values. */
  countDistinct?: readonly (keyof RowOf<M>)[];
  /** The least values. */
  min?: readonly (keyof RowOf<M>)[];
  /** The greatest values. */
  max?: readonly (keyof RowOf<M>)[];
  /** The sums: of integers exact bigints, of floats numbers. */
  sum?: readonly NumericField<RowOf<M>>[];
  /** The averages, as numbers. */
  avg?: readonly NumericField<RowOf<M>>[];
  /** Only groups with this number of rows. */
  having?: { count?: CountCondition };
  /** The order of the groups: fields of `groupBy` and `count`. Fields of `groupBy` that it does not name follow. Nulls are last. */
  orderBy?: { [F in Group | "count"]?: "asc" | "desc" };
  /** The maximum number of groups. */
  limit?: number;
}

/**
 * The fields of the groups.
 * @internal
 */
type GroupOf<O> = O extends { groupBy: readonly (infer F)[] } ? F : never;

/**
 * Refuses an order by a field that is no group.
 * @internal
 */
export type OrderedByGroups<O> = O extends { orderBy: infer Order } ? {
    orderBy: { [F in Exclude<keyof Order, GroupOf<O> | "count">]: never };
  }
  : unknown;

/** A value of a measure: null only if the field can be null, or without groups if no row matches. */
type Measured<Value, O> = [GroupOf<O>] extends [never] ? Value | null : Value;

type NullOf<Value> = null extends Value ? null : never;

type SumOf<Value> = NonNullable<Value> extends bigint ? bigint | NullOf<Value>
  : number | bigint | NullOf<Value>;

/**
 * The values of one kind of measure.
 * @internal
 */
type Measures<Row, O, Name extends string, Of extends "value" | "sum" | "avg"> =
  O extends { [N in Name]: readonly (infer F)[] } ? {
      [N in Name]: {
        [K in F & keyof Row]: Measured<
          Of extends "value" ? Row[K]
            : Of extends "sum" ? SumOf<Row[K]>
            : number | NullOf<Row[K]>,
          O
        >;
      };
    }
    : unknown;

/** A result of `aggregate`: the fields of its group, and the measures that the options name. */
export type Aggregate<Row, O> = Flat<
  & Pick<Row, GroupOf<O> & keyof Row>
  & (O extends { count: true } ? { count: number } : unknown)
  & (O extends { countDistinct: readonly (infer F)[] }
    ? { countDistinct: { [K in F & keyof Row]: number } }
    : unknown)
  & Measures<Row, O, "min", "value">
  & Measures<Row, O, "max", "value">
  & Measures<Row, O, "sum", "sum">
  & Measures<Row, O, "avg", "avg">
>;
