import type {
  AnyModel,
  RelationsIn,
  RelationsOf,
  RowOf,
} from "../../model/types.ts";
import type { FullFilter } from "../filter/filter.ts";
import type { CallOptions } from "../statement/call_options.ts";
import type { OrderBy } from "./order.ts";

/** Options of a read: its rows, their order, their fields, and its limits. */
export interface FindOptions<
  M extends AnyModel,
  Select extends keyof RowOf<M> = keyof RowOf<M>,
  Include extends keyof RelationsOf<M> = never,
  Models extends AnyModel = M,
> extends CallOptions {
  /** The rows to read; all by default. */
  filterBy?: FullFilter<M, Models>;
  /** The order of the rows. The primary key is always appended. */
  orderBy?: OrderBy<RowOf<M>>;
  /** The fields to read; all by default. The type of the rows has only these. */
  select?: readonly Select[];
  /** The relations to load with the rows, each with one query: names, or `{ name: true }`. */
  include?: Including<Include>;
}

/** Relations to load: `["detections"]`, or `{ detections: true }`. */
export type Including<Name extends PropertyKey> =
  | readonly Name[]
  | { readonly [N in Name]?: true };

/** A row with the selected fields and the included relations. */
export type Found<
  M extends AnyModel,
  Select extends keyof RowOf<M>,
  Include extends keyof RelationsOf<M>,
  Relations extends { [Name in keyof RelationsOf<M>]: unknown } = RelationsOf<
    M
  >,
> = Pick<RowOf<M>, Select> & Pick<Relations, Include>;

/**
 * A row with its included relations, for the types of functions.
 *
 * `Include` names the relations: `"detections" | "magstats"`, or
 * `{ detections: true }`. `Models` are the models of the connection. Relations
 * of models that are not among them have rows of unknown fields.
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
  Include extends
    | keyof RelationsOf<M>
    | { readonly [Name in keyof RelationsOf<M>]?: true },
  Models extends readonly AnyModel[] = readonly [M],
> =
  & RowOf<M>
  & Pick<
    RelationsIn<M, Models>,
    Extract<
      Include extends PropertyKey ? Include : keyof Include,
      keyof RelationsOf<M>
    >
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
}
