import type { AnyModel, RelationsOf, RowOf } from "../../model/types.ts";
import type { Filter } from "../filter/filter.ts";
import type { OrderBy } from "./order.ts";

/** Which rows, in which order, and what of them. */
export interface FindOptions<
  M extends AnyModel,
  Select extends keyof RowOf<M> = keyof RowOf<M>,
  Include extends keyof RelationsOf<M> = never,
> {
  /** Which rows; all of them where it is left out. */
  filterBy?: Filter<RowOf<M>>;
  /** In which order; the primary key is always appended. */
  orderBy?: OrderBy<RowOf<M>>;
  /** Only these fields; the type of the rows follows. */
  select?: readonly Select[];
  /** Relations to load with the rows, with one query each. */
  include?: readonly Include[];
}

/** A row with the fields that were selected and the relations that were included. */
export type Found<
  M extends AnyModel,
  Select extends keyof RowOf<M>,
  Include extends keyof RelationsOf<M>,
> = Pick<RowOf<M>, Select> & Pick<RelationsOf<M>, Include>;

/** Which page, and how it is counted. */
export interface PageOptions {
  /** From 1; below 1 is 1. */
  page?: number;
  /** Rows a page: 10; 0 gives none. A negative or fractional number is an error. */
  perPage?: number;
  /** Whether to count; true. Where false, `total` and `pages` are undefined, `hasNext` is still right. */
  count?: boolean;
  /** `total` counts no further than this: 50,000. */
  maxResults?: number;
  /**
   * Rows after this one, which is the last of the page before: every page
   * costs the same, however deep. `page` then only numbers it.
   */
  after?: object;
}
