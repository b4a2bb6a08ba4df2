import { isPlain } from "../base/is_plain.ts";
import { type NamesOf, namesOf } from "../base/known_names.ts";
import type { AnyModel } from "../model/types.ts";
import type { AggregateOptions } from "./read/aggregate_options.ts";
import type { CrossmatchOptions } from "./read/crossmatch_options.ts";
import type { RowLockOptions } from "./read/lock.ts";
import type { FindOptions, PageOptions } from "./read/options.ts";
import {
  assertKnownOptions,
  CALL_OPTIONS,
  callError,
  type CallOptions,
} from "./statement/call_options.ts";

type Limits = keyof CallOptions;
type Read = keyof FindOptions<AnyModel>;

/** The names of each method's options. */
interface OptionNames {
  find: Read | keyof PageOptions;
  findAll: Read | keyof RowLockOptions | "limit" | "offset";
  first: Read;
  findOne: "filterBy" | "include" | "counts" | Limits;
  checkExists: "filterBy" | Limits;
  count: "filterBy" | "max" | Limits;
  aggregate: keyof AggregateOptions<AnyModel>;
  countBy: "filterBy" | Limits;
  distinct: "filterBy" | Limits;
  stream: Read | "batchSize";
  crossmatch: keyof CrossmatchOptions<AnyModel>;
  bulkInsert: "onConflict" | "returning" | Limits;
  bulkUpsert:
    | "conflict"
    | "update"
    | "prefer"
    | "merge"
    | "returning"
    | Limits;
  bulkUpdate: "returning" | Limits;
  updateAll: "filterBy" | "set" | "returning" | Limits;
  deleteAll: "filterBy" | "all" | "returning" | Limits;
}

type Method = keyof OptionNames;

const READ: NamesOf<FindOptions<AnyModel>> = {
  filterBy: true,
  orderBy: true,
  select: true,
  include: true,
  counts: true,
  ...CALL_OPTIONS,
};
const PAGE: NamesOf<PageOptions> = {
  page: true,
  perPage: true,
  count: true,
  maxResults: true,
  after: true,
  cursor: true,
};

const AGGREGATE: NamesOf<AggregateOptions<AnyModel>> = {
  filterBy: true,
  groupBy: true,
  count: true,
  countDistinct: true,
  min: true,
  max: true,
  sum: true,
  avg: true,
  having: true,
  orderBy: true,
  limit: true,
  ...CALL_OPTIONS,
};

const TABLES: {
  readonly [M in Method]: NamesOf<Record<OptionNames[M], unknown>>;
} = {
  find: { ...READ, ...PAGE },
  findAll: {
    ...READ,
    limit: true,
    offset: true,
    lock: true,
    skipLocked: true,
  },
  first: READ,
  findOne: { filterBy: true, include: true, counts: true, ...CALL_OPTIONS },
  checkExists: { filterBy: true, ...CALL_OPTIONS },
  count: { filterBy: true, max: true, ...CALL_OPTIONS },
  aggregate: AGGREGATE,
  countBy: { filterBy: true, ...CALL_OPTIONS },
  distinct: { filterBy: true, ...CALL_OPTIONS },
  stream: { ...READ, batchSize: true },
  crossmatch: {
    radius: true,
    nearest: true,
    select: true,
    filterBy: true,
    maxPerTarget: true,
    ...CALL_OPTIONS,
  },
  bulkInsert: { onConflict: true, returning: true, ...CALL_OPTIONS },
  bulkUpsert: {
    conflict: true,
    update: true,
    prefer: true,
    merge: true,
    returning: true,
    ...CALL_OPTIONS,
  },
  bulkUpdate: { returning: true, ...CALL_OPTIONS },
  updateAll: { filterBy: true, set: true, returning: true, ...CALL_OPTIONS },
  deleteAll: { filterBy: true, all: true, returning: true, ...CALL_OPTIONS },
};

const KNOWN: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(TABLES).map(([method, table]) => [method, namesOf(table)]),
);

/** Methods that require a filter, because without one they would affect every row, with advice. */
const FILTERED: ReadonlyMap<string, string> = new Map([
  ["findOne", "pass filterBy: {} for all rows"],
  ["updateAll", "to update all rows, pass filterBy: {}"],
  ["deleteAll", "to delete all rows, pass filterBy: {} and all: true"],
]);

/**
 * Checks the names of a method's options at run time: in untyped code a misspelled
 * `filterBy` would match every row. An option of the method's type that is missing
 * here does not compile.
 *
 * @throws {QueryError} with the first unknown option and the most similar known one
 */
export function assertOptions<M extends Method, Options extends object>(
  model: AnyModel,
  method: M,
  options: Options & Record<Exclude<keyof Options, OptionNames[M]>, never>,
): void {
  assertOptionsObject(model, method, options);
  const call = { method, model: model.name };
  assertKnownOptions(call, options, KNOWN.get(method) ?? new Set());
  const advice = FILTERED.get(method);
  if (
    advice !== undefined && Reflect.get(options, "filterBy") === undefined
  ) {
    throw callError(call, "filterBy", `filterBy is missing; ${advice}`);
  }
}

/**
 * Checks that the options of a method are an object.
 *
 * @throws {QueryError} if they are not
 */
export function assertOptionsObject(
  model: AnyModel,
  method: string,
  options: unknown,
): void {
  if (isPlain(options)) return;
  throw callError(
    { method, model: model.name },
    method,
    `the options must be an object like { filterBy: … }${
      options instanceof Promise ? ", got a Promise; await it" : ""
    }`,
  );
}
