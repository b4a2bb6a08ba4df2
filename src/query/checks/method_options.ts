import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { nearest } from "../../base/nearest.ts";

/** The methods that take options. */
type Method =
  | "find"
  | "findAll"
  | "first"
  | "findOne"
  | "checkExists"
  | "count"
  | "stream"
  | "bulkInsert"
  | "bulkUpsert"
  | "updateAll"
  | "deleteAll";

/** What every read takes. */
const READ = ["filterBy", "orderBy", "select", "include"];
/** What every page takes besides. */
const PAGE = ["page", "perPage", "count", "maxResults", "after"];

/** The options of each method. A program that is not type-checked may misspell one, and a filter that is not read keeps every row. */
const OPTIONS: Readonly<Record<Method, readonly string[]>> = {
  find: [...READ, ...PAGE],
  findAll: [...READ, "limit", "offset"],
  first: READ,
  findOne: ["filterBy", "include"],
  checkExists: ["filterBy"],
  count: ["filterBy", "max"],
  stream: [...READ, "batchSize"],
  bulkInsert: ["onConflict"],
  bulkUpsert: ["conflict", "update", "prefer"],
  updateAll: ["filterBy", "set"],
  deleteAll: ["filterBy", "all"],
};

/** Methods that would mean every row without a filter. */
const FILTERED: readonly string[] = ["findOne", "updateAll", "deleteAll"];

/**
 * Refuses options that a method does not have.
 *
 * @throws {QueryError} naming the first and the nearest right name
 */
export function checkOptions(
  model: AnyModel,
  method: Method,
  options: unknown,
): void {
  const refuse = (
    problem: string,
    name: string,
    close?: string | undefined,
  ): QueryError =>
    new QueryError(`Cannot ${method} ${model.name}: ${problem}`, {
      model: model.name,
      field: name,
      nearest: close,
    });
  if (
    typeof options !== "object" || options === null || Array.isArray(options)
  ) {
    throw refuse("its options are an object like { filterBy: … }", method);
  }
  const known = OPTIONS[method];
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw refuse(
        `${name} is none of its options`,
        name,
        nearest(name, known),
      );
    }
  }
  if (
    FILTERED.includes(method) && Reflect.get(options, "filterBy") === undefined
  ) {
    throw refuse("filterBy is missing; {} means every row", "filterBy");
  }
}
