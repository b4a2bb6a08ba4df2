import { MultipleRowsError } from "../../base/errors/mod.ts";
import type { RunCall } from "../../base/call_scope.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { wholeNumberOption } from "../checks/whole_number.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import type { Executor } from "../statement/executor.ts";
import type { Models } from "../statement/models.ts";
import type { Condition } from "../statement/condition.ts";
import type { FindStatement } from "../statement/statement.ts";
import { type Additions, compileShape, NO_ADDITIONS } from "./include.ts";
import { completeRows } from "./load_relations.ts";
import { nearestOf } from "./nearest.ts";
import { compileOrder } from "./order.ts";

/** The maximum number of rows in a batch: servers count them with 32 bits. */
const MAX_BATCH_SIZE = 2 ** 31 - 1;
/** The default number of rows in a batch of a stream. */
const DEFAULT_BATCH_SIZE = 1_000;

/** Unchecked options of a read. */
export interface ReadOptions {
  readonly filterBy?: unknown;
  readonly orderBy?: unknown;
  readonly select?: unknown;
  readonly include?: unknown;
  readonly counts?: unknown;
  readonly limit?: unknown;
  readonly offset?: unknown;
}

/** A checked read. */
export interface Read {
  readonly statement: FindStatement;
  readonly additions: Additions;
}

/** Compiles the options of a read. It adds a default order only for a limit or an offset. */
export function compileRead(
  model: AnyModel,
  options: ReadOptions,
  models: Models,
): Read {
  const limit = wholeNumberOption(model, "limit", options.limit);
  const offset = wholeNumberOption(model, "offset", options.offset) ?? 0;
  const nearest = nearestOf(model, options);
  const isOrdered = options.orderBy !== undefined || limit !== undefined ||
    offset > 0;
  return createRead(model, options, models, {
    where: compileFilter(model, options.filterBy, models),
    nearest,
    order: isOrdered
      ? compileOrder(model, nearest === undefined ? options.orderBy : undefined)
      : [],
    limit,
    offset,
  });
}

/**
 * Compiles `select`, `include` and `counts` of a read whose rows and order are already compiled.
 *
 * @param needed fields to read in any case
 */
export function createRead(
  model: AnyModel,
  options: ReadOptions,
  models: Models,
  rest: Pick<FindStatement, "where" | "nearest" | "order" | "limit" | "offset">,
  needed: readonly Field[] = [],
): Read {
  const { nearest } = rest;
  const { fields, additions } = compileShape(
    model,
    options,
    models,
    nearest === undefined
      ? needed
      : [...needed, nearest.position.ra, nearest.position.dec],
  );
  return {
    statement: Object.freeze({ kind: "find", model, fields, ...rest }),
    additions: nearest === undefined ? additions : { ...additions, nearest },
  };
}

/** Compiles a read of at most one row, for {@link fetchOne}. */
export function compileReadOne(
  model: AnyModel,
  options: ReadOptions,
  models: Models,
  where: Condition,
): Read {
  const order: FindStatement["order"] = [];
  const rest = { where, order, limit: 2, offset: 0 };
  return createRead(model, options, models, rest);
}

/** Executes a read. */
export function fetchRows(executor: Executor, read: Read): Promise<object[]> {
  return read.additions === NO_ADDITIONS
    ? executor.run(read.statement)
    : fetchCompleted(executor, read);
}

async function fetchCompleted(
  executor: Executor,
  { statement, additions }: Read,
): Promise<object[]> {
  const rows = await executor.run(statement);
  await completeRows(executor, rows, additions);
  return rows;
}

/** Executes a read in batches. */
export async function* streamRows(
  { executor, call }: { readonly executor: Executor; readonly call: RunCall },
  read: Read,
  batchSize: number,
): AsyncGenerator<object> {
  const { additions } = read;
  const isComplete = additions.inclusions.length === 0 &&
    additions.counts.length === 0 && additions.nearest === undefined;
  for await (const rows of executor.stream(read.statement, batchSize)) {
    if (isComplete) yield* rows;
    else {
      const all = [...rows];
      await call(() => completeRows(executor, all, additions));
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
 * Executes a read of {@link compileReadOne}.
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
