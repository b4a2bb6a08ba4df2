import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { afterRow } from "./after_row.ts";
import type { Executor } from "../statement/executor.ts";
import { all } from "../statement/condition.ts";
import type { Models } from "../statement/models.ts";
import { wholeNumberOption } from "../checks/whole_number.ts";
import { createRead, fetchRows, type ReadOptions } from "./find.ts";
import { compileOrder } from "./order.ts";
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
  /** Whether a row follows this page. */
  readonly hasNext: boolean;
  /** Whether this is not page 1. */
  readonly hasPrev: boolean;
  /** The number of the next page, or null. */
  readonly nextNum: number | null;
  /** The number of the previous page, or null. */
  readonly prevNum: number | null;
  /** Reads the next page with the same options; after the last page it has no items. */
  next(): Promise<Pagination<Item>>;
  /**
   * Reads the previous page with the same options.
   * @throws {QueryError} on page 1, and on pages by `after`
   */
  prev(): Promise<Pagination<Item>>;
}

/** Unchecked options of a page. */
export interface RawPageOptions extends ReadOptions {
  readonly page?: unknown;
  readonly perPage?: unknown;
  readonly count?: unknown;
  readonly maxResults?: unknown;
  readonly after?: unknown;
}

/** What reads pages with the same options. */
export interface PageScope {
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
): Promise<Pagination<object>> {
  const { call, models } = scope;
  const page = Math.max(1, pageNumber(model, options.page));
  const perPage = wholeNumberOption(model, "perPage", options.perPage) ??
    PER_PAGE;
  const max = wholeNumberOption(model, "maxResults", options.maxResults) ??
    MAX_RESULTS;
  const where = compileFilter(model, options.filterBy, models);
  const order = compileOrder(model, options.orderBy);
  if (order.length === 0) {
    throw new QueryError(
      `Cannot page ${model.name}: it has no primary key, so a page requires orderBy`,
      { model: model.name, field: "orderBy" },
    );
  }
  const { after } = options;
  const read = createRead(model, options, models, {
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
    perPage === 0 ? [] : fetchRows(executor, read),
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
      call((executor) =>
        fetchPage(executor, scope, model, {
          ...options,
          page: page + 1,
          ...(after === undefined ? {} : { after: items.at(-1) ?? after }),
        })
      ),
    prev: () =>
      call((executor) => {
        if (!hasPrev || after !== undefined) {
          throw new QueryError(
            after === undefined
              ? `Cannot page ${model.name}: page 1 has no previous page`
              : `Cannot page ${model.name}: pages by \`after\` have no previous page`,
            { model: model.name, field: "prev" },
          );
        }
        return fetchPage(executor, scope, model, {
          ...options,
          page: page - 1,
        });
      }),
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
