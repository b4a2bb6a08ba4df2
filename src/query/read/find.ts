import { MultipleRowsError, QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { RunCall } from "../../base/call_scope.ts";
import type { AnyModel } from "../../model/types.ts";
import { fieldNamed } from "../checks/field_names.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import type { Executor } from "../statement/executor.ts";
import type { Models } from "../statement/models.ts";
import type { Condition, FindStatement, Sort } from "../statement/statement.ts";
import { compileInclude, type Inclusion, loadRelations } from "./include.ts";
import { compileOrder } from "./order.ts";

/** The maximum number of rows in a batch: servers count them with 32 bits. */
const MAX_BATCH_SIZE = 2 ** 31 - 1;
/** The default number of rows in a batch of a stream. */
const DEFAULT_BATCH_SIZE = 2_000;

/** Unchecked options of a read. */
export interface ReadOptions {
  readonly filterBy?: unknown;
  readonly orderBy?: unknown;
  readonly select?: unknown;
  readonly include?: unknown;
  readonly limit?: unknown;
  readonly offset?: unknown;
}

/** A checked read. */
export interface Read {
  readonly statement: FindStatement;
  readonly inclusions: readonly Inclusion[];
  /** Fields that the statement reads for the relations, and that rows must not have. */
  readonly extra: readonly Field[];
}

/** Compiles the options of a read. It adds a default order only for a limit or an offset. */
export function compileRead(
  model: AnyModel,
  options: ReadOptions,
  models: Models,
): Read {
  const limit = wholeNumberOption(model, "limit", options.limit);
  const offset = wholeNumberOption(model, "offset", options.offset) ?? 0;
  const isOrdered = options.orderBy !== undefined || limit !== undefined ||
    offset > 0;
  return createRead(model, options, models, {
    where: compileFilter(model, options.filterBy, models),
    order: isOrdered ? compileOrder(model, options.orderBy) : [],
    limit,
    offset,
  });
}

/** Compiles `select` and `include` of a read whose rows and order are already compiled. */
export function createRead(
  model: AnyModel,
  options: ReadOptions,
  models: Models,
  rest: {
    readonly where: Condition;
    readonly order: readonly Sort[];
    readonly limit: number | undefined;
    readonly offset: number;
  },
): Read {
  const selected = selectedFields(model, options.select);
  const inclusions = options.include === undefined
    ? []
    : compileInclude(model, options.include, models);
  const extra = inclusions.length === 0
    ? []
    : [...new Set(inclusions.flatMap(({ local }) => local))]
      .filter((field) => !selected.includes(field));
  return {
    statement: Object.freeze({
      kind: "find",
      model,
      fields: extra.length === 0 ? selected : [...selected, ...extra],
      ...rest,
    }),
    inclusions,
    extra,
  };
}

/** Executes a read. */
export async function fetchRows(
  executor: Executor,
  read: Read,
): Promise<object[]> {
  const rows = await executor.run(read.statement);
  await completeRows(executor, read, rows);
  return rows;
}

/** Executes a read in batches. */
export async function* streamRows(
  { executor, call }: { readonly executor: Executor; readonly call: RunCall },
  read: Read,
  batchSize: number,
): AsyncGenerator<object> {
  for await (const rows of executor.stream(read.statement, batchSize)) {
    if (read.inclusions.length === 0) yield* rows;
    else {
      const all = [...rows];
      await call(() => completeRows(executor, read, all));
      yield* all;
    }
  }
}

/** Returns the number of rows in a batch of a stream, at least 1. */
export function batchSizeOption(model: AnyModel, batchSize: unknown): number {
  const size = wholeNumberOption(
    model,
    "batchSize",
    batchSize,
    MAX_BATCH_SIZE,
  );
  return Math.max(1, size ?? DEFAULT_BATCH_SIZE);
}

/**
 * Executes a read of at most one row. The statement must have a limit of 2 or more.
 *
 * @throws {MultipleRowsError} if two rows match
 */
export async function fetchOne(
  executor: Executor,
  read: Read,
): Promise<object | null> {
  const [row, second] = await fetchRows(executor, read);
  if (second === undefined) return row ?? null;
  throw new MultipleRowsError(
    `Cannot find one ${read.statement.model.name}: more than one row matches, among them ${row} and ${second}; use first or findAll`,
  );
}

/**
 * Returns the value of an option that is a whole number.
 *
 * @throws {QueryError} if it is not a whole number from 0 to `max`
 */
export function wholeNumberOption(
  model: AnyModel,
  name: string,
  value: unknown,
  max: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (value === undefined) return undefined;
  if (
    typeof value === "number" && Number.isSafeInteger(value) && value >= 0 &&
    value <= max
  ) return value;
  const range = max === Number.MAX_SAFE_INTEGER
    ? "a whole number, 0 or greater"
    : `a whole number from 0 to ${max}`;
  throw new QueryError(
    `Cannot query ${model.name}: ${name} must be ${range}`,
    { model: model.name, field: name },
  );
}

/** Adds relations to rows and removes the fields that only the relations needed. */
async function completeRows(
  executor: Executor,
  { inclusions, extra }: Read,
  rows: readonly object[],
): Promise<void> {
  if (inclusions.length > 0) await loadRelations(executor, rows, inclusions);
  for (const field of extra) {
    for (const row of rows) Reflect.deleteProperty(row, field.name);
  }
}

function selectedFields(model: AnyModel, select: unknown): readonly Field[] {
  if (select === undefined) return model.fields;
  if (!Array.isArray(select) || select.length === 0) {
    throw new QueryError(
      `Cannot select from ${model.name}: select must be an array of at least one field name`,
      { model: model.name, field: "select" },
    );
  }
  return [...new Set(select)].map((name) =>
    fieldNamed(model, String(name), "select from")
  );
}
