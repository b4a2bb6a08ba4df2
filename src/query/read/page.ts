import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { afterRow } from "./after_row.ts";
import type { Executor } from "../statement/executor.ts";
import { all } from "../statement/condition.ts";
import {
  type Models,
  read,
  type ReadOptions,
  rowsOf,
  wholeNumber,
} from "./find.ts";
import { orderOf } from "./order.ts";
import { compileFilter } from "../filter/compile_filter.ts";

/** Where `total` stops counting unless `maxResults` says otherwise. */
const MAX_RESULTS = 50_000;
/** Rows a page unless `perPage` says otherwise. */
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
  /** Its rows. */
  readonly items: Item[];
  /** Which page, from 1. */
  readonly page: number;
  /** Rows a page. */
  readonly perPage: number;
  /** Rows in all, counted no further than `maxResults`; undefined where nothing was counted. */
  readonly total: number | undefined;
  /** Pages in all, by `total`. */
  readonly pages: number | undefined;
  /** Whether there is a row after this page. */
  readonly hasNext: boolean;
  /** Whether there is a page before this one. */
  readonly hasPrev: boolean;
  /** The next page's number, or null. */
  readonly nextNum: number | null;
  /** The page before's number, or null. */
  readonly prevNum: number | null;
  /** The next page, with the same options; past the end it has no items. */
  next(): Promise<Pagination<Item>>;
  /**
   * The page before, with the same options.
   * @throws {QueryError} on page 1, and on a page that `after` began
   */
  prev(): Promise<Pagination<Item>>;
}

/** Options of a page, unchecked. */
export interface RawPageOptions extends ReadOptions {
  readonly page?: unknown;
  readonly perPage?: unknown;
  readonly count?: unknown;
  readonly maxResults?: unknown;
  readonly after?: unknown;
}

/** One page. Rows and total are two statements side by side, so a write between them can make them differ. */
export async function pageOf(
  executor: Executor,
  model: AnyModel,
  options: RawPageOptions,
  models: Models,
): Promise<Pagination<object>> {
  const page = Math.max(1, pageNumber(model, options.page));
  const perPage = wholeNumber(model, "perPage", options.perPage) ?? PER_PAGE;
  const max = wholeNumber(model, "maxResults", options.maxResults) ??
    MAX_RESULTS;
  const where = compileFilter(model, options.filterBy);
  const order = orderOf(model, options.orderBy);
  if (order.length === 0) {
    throw new QueryError(
      `Cannot page ${model.name}: it has no primary key, so pages need orderBy`,
      { model: model.name, field: "orderBy" },
    );
  }
  const { after } = options;
  const wanted = read(model, options, models, {
    where: after === undefined
      ? where
      : all([where, afterRow(model, order, after)]),
    order,
    limit: Math.min(perPage + 1, Number.MAX_SAFE_INTEGER),
    offset: after === undefined
      ? Math.min((page - 1) * perPage, Number.MAX_SAFE_INTEGER)
      : 0,
  });
  const [rows, total] = await Promise.all([
    perPage === 0 ? [] : rowsOf(executor, wanted),
    options.count === false
      ? undefined
      : executor.run({ kind: "count", model, where, max }),
  ]);
  const hasNext = rows.length > perPage;
  const items = hasNext ? rows.slice(0, perPage) : rows;
  const hasPrev = page > 1;
  return {
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
    prevNum: hasPrev ? page - 1 : null,
    next: () =>
      pageOf(executor, model, {
        ...options,
        page: page + 1,
        ...(after === undefined ? {} : { after: items.at(-1) ?? after }),
      }, models),
    prev: async () => {
      if (!hasPrev || after !== undefined) {
        throw new QueryError(
          after === undefined
            ? `Cannot page ${model.name}: page 1 has none before it`
            : `Cannot page ${model.name}: pages by \`after\` only go forward`,
          { model: model.name, field: "prev" },
        );
      }
      return await pageOf(
        executor,
        model,
        { ...options, page: page - 1 },
        models,
      );
    },
  };
}

function pageNumber(model: AnyModel, value: unknown): number {
  if (value === undefined) return 1;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new QueryError(
    `Cannot page ${model.name}: page must be a whole number`,
    { model: model.name, field: "page" },
  );
}
