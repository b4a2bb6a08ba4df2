import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { afterRow } from "./after_row.ts";
import type { Executor } from "../statement/executor.ts";
import { all } from "../statement/condition.ts";
import type { Models } from "../statement/models.ts";
import { wholeNumberOption } from "../checks/whole_number.ts";
import { writeCursor } from "./cursor.ts";
import { createRead, type ReadOptions } from "./find.ts";
import { nearestOf } from "./nearest.ts";
import { compileOrder } from "./order.ts";
import { addCursors } from "./page_cursors.ts";
import { fetchItems, reversed } from "./page_items.ts";
import { assertByNumber, type Start, startOf } from "./page_start.ts";
import { compileFilter } from "../filter/compile_filter.ts";

/** The default of `maxResults`. */
const MAX_RESULTS = 50_000;
/** The default of `perPage`. */
const PER_PAGE = 10;

/**
 * One page of rows. `JSON.stringify` writes its data.
 *
 * @example
 * ```ts
 * import type { Pagination } from "@alerce/db-plugins";
 *
 * const label = (page: Pagination<unknown>): string =>
 *   `${page.page} of ${page.pages ?? "?"}${page.hasNext ? " …" : ""}`;
 * void label;
 * ```
 */
export interface Pagination<Item> {
  /** The rows of the page. */
  readonly items: Item[];
  /** The number of the page, from 1. */
  readonly page: number;
  /** Rows per page. */
  readonly perPage: number;
  /** The number of all rows, up to `maxResults`; undefined if `count` is false. */
  readonly total: number | undefined;
  /** The number of all pages, by `total`. */
  readonly pages: number | undefined;
  /** Whether a row follows this page. On a page before a cursor it is true, because the row of the cursor is assumed to exist. */
  readonly hasNext: boolean;
  /** Whether this is not page 1, or for a page by cursor, whether a row precedes it. On a page after a cursor it is true, because the row of the cursor is assumed to exist. */
  readonly hasPrev: boolean;
  /** The number of the next page, or null. */
  readonly nextNum: number | null;
  /** The number of the previous page, or null. */
  readonly prevNum: number | null;
  /** The position after the last row, for the option `cursor`, as a text for URLs; undefined on an empty page. */
  readonly cursor: string | undefined;
  /** The position before the first row, for the option `cursor`; undefined on an empty page. */
  readonly previousCursor: string | undefined;
  /** Reads the next page with the same options; after the last page it has no items. */
  next(): Promise<Pagination<Item>>;
  /**
   * Reads the previous page with the same options.
   * @throws {QueryError} on page 1, and on pages by `after`
   */
  prev(): Promise<Pagination<Item>>;
}

/** Unchecked options of a page. */
interface RawPageOptions extends ReadOptions {
  readonly page?: unknown;
  readonly perPage?: unknown;
  readonly count?: unknown;
  readonly maxResults?: unknown;
  readonly after?: unknown;
  readonly cursor?: unknown;
}

/** The calls and the models of all pages of a query. */
interface PageScope {
  /** Runs a call, also of `next` or `prev`, on an executor. */
  readonly call: <T>(work: (executor: Executor) => Promise<T>) => Promise<T>;
  readonly models: Models;
}

/** Reads one page. Rows and total are two concurrent statements, so a concurrent write can make them differ. */
export async function fetchPage(
  executor: Executor,
  scope: PageScope,
  model: AnyModel,
  options: RawPageOptions,
  given?: Start,
): Promise<Pagination<object>> {
  const { models } = scope;
  const page = Math.max(1, pageNumber(model, options.page));
  const perPage = wholeNumberOption(model, "perPage", options.perPage) ??
    PER_PAGE;
  const max = wholeNumberOption(model, "maxResults", options.maxResults) ??
    MAX_RESULTS;
  const where = compileFilter(model, options.filterBy, models);
  const nearest = nearestOf(model, options);
  const order = compileOrder(
    model,
    nearest === undefined ? options.orderBy : undefined,
  );
  if (nearest !== undefined) assertByNumber(model, options);
  if (order.length === 0) {
    throw new QueryError(
      `Cannot page ${model.name}: it has no primary key, so a page requires orderBy`,
      { model: model.name, field: "orderBy" },
    );
  }
  const cursorScope = { model, where, order };
  const start = given ?? startOf(cursorScope, options);
  const isBackwards = start?.side === "before";
  const readOrder = isBackwards ? order.map(reversed) : order;
  const read = createRead(
    model,
    options,
    models,
    {
      where: start === undefined ? where : all([
        where,
        afterRow(model, readOrder, start.row, start.isIncluded),
      ]),
      nearest,
      order: readOrder,
      limit: Math.min(perPage + 1, Number.MAX_SAFE_INTEGER),
      offset: start === undefined
        ? Math.min((page - 1) * perPage, Number.MAX_SAFE_INTEGER)
        : 0,
    },
    order.map(({ field }) => field),
  );
  const [{ items, edges, isCut }, total] = await Promise.all([
    fetchItems(executor, read, cursorScope, perPage, isBackwards),
    options.count === false
      ? undefined
      : executor.run({ kind: "count", model, where, max }),
  ]);
  const byCursor = options.cursor !== undefined;
  // The row of the cursor is assumed to exist.
  const isBeside = byCursor && start?.isIncluded !== true;
  const hasNext = isBackwards ? isBeside : isCut;
  const hasPrev = isBackwards ? isCut : isBeside || (!byCursor && page > 1);
  /** Returns the position from which an empty page by cursor turns back: the row of the cursor. */
  const turn = (side: Start["side"]): Start | undefined =>
    byCursor && items.length === 0 && start !== undefined &&
      start.side !== side
      ? { side, row: start.row, isIncluded: true }
      : undefined;
  const cursorOf = (side: "after" | "before"): string | undefined => {
    const row = nearest === undefined ? edges[side] : undefined;
    return row && writeCursor(cursorScope, { side, row });
  };
  const result = {
    items,
    page,
    perPage,
    total,
    pages: total === undefined
      ? undefined
      : perPage === 0
      ? 0
      : Math.ceil(total / perPage),
    hasNext,
    hasPrev,
    nextNum: hasNext ? page + 1 : null,
    prevNum: hasPrev && page > 1 ? page - 1 : null,
    next: () =>
      otherPage(scope, model, options, {
        page: page + 1,
        ...(options.after === undefined
          ? {}
          : { after: items.at(-1) ?? options.after }),
        ...(options.cursor === undefined
          ? {}
          : { cursor: cursorOf("after") ?? options.cursor }),
      }, turn("after")),
    prev: () => {
      if (!hasPrev || options.after !== undefined) {
        return scope.call(() => Promise.reject(noPreviousPage(model, options)));
      }
      return otherPage(scope, model, options, {
        page: page - 1,
        ...(options.cursor === undefined
          ? {}
          : { cursor: cursorOf("before") ?? options.cursor }),
      }, turn("before"));
    },
  };
  addCursors(result, cursorOf);
  return result;
}

function pageNumber(model: AnyModel, value: unknown): number {
  if (value === undefined) return 1;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new QueryError(
    `Cannot page ${model.name}: page must be a whole number`,
    { model: model.name, field: "page" },
  );
}

function otherPage(
  scope: PageScope,
  model: AnyModel,
  options: RawPageOptions,
  changed: RawPageOptions,
  start?: Start,
): Promise<Pagination<object>> {
  return scope.call((executor) =>
    fetchPage(executor, scope, model, { ...options, ...changed }, start)
  );
}

function noPreviousPage(
  { name }: AnyModel,
  { after, cursor }: RawPageOptions,
): QueryError {
  return new QueryError(
    after !== undefined
      ? `Cannot page ${name}: pages by \`after\` have no previous page`
      : cursor !== undefined
      ? `Cannot page ${name}: no row precedes this page`
      : `Cannot page ${name}: page 1 has no previous page`,
    { model: name, field: "prev" },
  );
}
