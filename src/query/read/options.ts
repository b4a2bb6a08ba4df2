import type { AnyModel, RelationsOf, RowOf } from "../../model/types.ts";
import type { FullFilter } from "../filter/filter.ts";
import type { CallOptions } from "../statement/call_options.ts";
import type {
  Counted,
  Counts,
  Exact,
  Flat,
  Include,
  Included,
  Selected,
} from "./include_options.ts";
import type { OrderBy } from "./order.ts";

/**
 * Options of a read: its rows, their order, their fields, and its limits. `I`
 * and `C` are the types of `include` and `counts`.
 */
export interface FindOptions<
  M extends AnyModel,
  Select extends keyof RowOf<M> = keyof RowOf<M>,
  I = never,
  C = never,
  Models extends AnyModel = M,
  O = OrderBy<RowOf<M>> | "distance",
> extends CallOptions {
  /** The rows to read; all by default. */
  filterBy?: FullFilter<M, Models>;
  /**
   * The order of the rows: fields and directions, or `"distance"` from the
   * position of `near` in the filter. The primary key is always appended. With
   * `"distance"`, each row has its `distance` in arcseconds.
   */
  orderBy?: O;
  /** The fields to read; all by default. The type of the rows has only these. */
  select?: readonly Select[];
  /** The relations to load with the rows, with one query for each relation and level: names, or an object of `IncludeOptions`. */
  include?: I;
  /** The relations whose rows are counted, with one query each: names, or an object with a filter for each. The numbers are in `row.counts`. */
  counts?: C;
}

/**
 * {@link FindOptions} whose `include` and `counts` have no unknown name at any depth.
 * @internal
 */
export type Asked<
  M extends AnyModel,
  Select extends keyof RowOf<M>,
  I,
  C,
  Models extends AnyModel,
  O = OrderBy<RowOf<M>> | "distance",
> =
  & FindOptions<M, Select, I, C, Models, O>
  & {
    orderBy?: ExactOrder<NoInfer<O>, RowOf<M>>;
    include?: Exact<NoInfer<I>, Include<M, Models>>;
    counts?: Exact<NoInfer<C>, Counts<M, Models>>;
  };

/**
 * An order without unknown names. The names of `{ [field]: "asc" }` are not known.
 * @internal
 */
type ExactOrder<O, Row> = string extends keyof O ? unknown
  : Exact<O, OrderBy<Row> | "distance">;

/** A row with the selected fields, the included relations, and the counts. */
export type Found<
  M extends AnyModel,
  Select = never,
  I = never,
  C = never,
  Models extends AnyModel = M,
  O = never,
> = [I | C | Extract<O, "distance">] extends [never]
  ? Selected<RowOf<M>, Select>
  : Flat<
    & Selected<RowOf<M>, Select>
    & ([Extract<O, "distance">] extends [never] ? unknown
      : {
        /** The distance from the position of `near`, in arcseconds. */
        distance: number;
      })
    & ([I] extends [never] ? unknown : Included<RelationsOf<M>, I, Models | M>)
    & ([C] extends [never] ? unknown : Counted<C>)
  >;

/**
 * A row with its included relations, for the types of functions.
 *
 * `I` names the relations: `"detections" | "magstats"`, or has the form of the
 * option `include`: `{ detections: { select: ["mjd"] } }`. `Models` are the
 * models of the connection. Relations of models that are not among them have
 * rows of unknown fields.
 *
 * @example
 * ```ts
 * import type { RowWith } from "@alerce/db-plugins";
 * import type { AstroObject } from "@alerce/db-plugins/models";
 *
 * const lastMjd = ({ detections }: RowWith<typeof AstroObject, { detections: true }>) =>
 *   detections.at(-1)?.mjd;
 * void lastMjd;
 * ```
 */
export type RowWith<
  M extends AnyModel,
  I extends keyof RelationsOf<M> | Include<M, Models[number]>,
  Models extends readonly AnyModel[] = readonly [M],
> =
  & RowOf<M>
  & Included<
    RelationsOf<M>,
    [I] extends [PropertyKey] ? readonly I[] : I,
    Models[number] | M
  >;

/** Options of a page. */
export interface PageOptions {
  /** The number of the page, from 1; a smaller number means 1. */
  page?: number;
  /** Rows per page (default: 10); 0 returns none. A negative or fractional number is an error. */
  perPage?: number;
  /** Whether to count all rows (default: true). If false, `total` and `pages` are undefined; `hasNext` is still correct. */
  count?: boolean;
  /** The maximum of `total`; counting stops there (default: 50,000). */
  maxResults?: number;
  /**
   * The last row of the previous page; the page starts after it. Every page has
   * the same cost, at any depth. `page` is then only a label.
   */
  after?: object;
  /**
   * The `cursor` of the previous page, or the `previousCursor` of the next one.
   * The page has the rows after or before it, at the same cost at any depth.
   * `filterBy` and `orderBy` must be those of that page.
   */
  cursor?: string;
}
