import { MultipleRowsError, QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition, FindStatement, Sort } from "../statement/statement.ts";
import type { Executor } from "../statement/executor.ts";
import { type Inclusion, inclusionsOf, loadRelations } from "./include.ts";
import { fieldNamed } from "../checks/field_names.ts";
import { orderOf } from "./order.ts";
import { compileFilter } from "../filter/compile_filter.ts";

/** The most rows that a batch may have: servers count them with 32 bits. */
const MOST_IN_BATCH = 2 ** 31 - 1;
/** Rows a batch of a stream unless the caller says otherwise. */
const STREAM_BATCH = 2_000;

/** A connection's models by name, where relations are looked up. */
export type Models = ReadonlyMap<string, AnyModel>;

/** What a caller may ask of a read, unchecked. */
export interface ReadOptions {
  readonly filterBy?: unknown;
  readonly orderBy?: unknown;
  readonly select?: unknown;
  readonly include?: unknown;
  readonly limit?: unknown;
  readonly offset?: unknown;
}

/** A read, checked against its model: the statement, the relations to load, and what only those needed. */
export interface Read {
  readonly statement: FindStatement;
  readonly inclusions: readonly Inclusion[];
  readonly extra: readonly Field[];
}

/** The read that options ask for. An order is only made up where rows are counted off. */
export function readOf(
  model: AnyModel,
  options: ReadOptions,
  models: Models,
): Read {
  const limit = wholeNumber(model, "limit", options.limit);
  const offset = wholeNumber(model, "offset", options.offset) ?? 0;
  const ordered = options.orderBy !== undefined || limit !== undefined ||
    offset > 0;
  return read(model, options, models, {
    where: compileFilter(model, options.filterBy),
    order: ordered ? orderOf(model, options.orderBy) : [],
    limit,
    offset,
  });
}

/** A read whose rows and order are settled; `select` and `include` are still the caller's. */
export function read(
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
  const inclusions = inclusionsOf(model, options.include, models);
  const extra = [...new Set(inclusions.flatMap(({ local }) => local))]
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

/** Carries out a read. */
export async function rowsOf(
  executor: Executor,
  wanted: Read,
): Promise<object[]> {
  const rows = await executor.run(wanted.statement);
  await complete(executor, wanted, rows);
  return rows;
}

/** Carries out a read in batches. */
export async function* streamOf(
  executor: Executor,
  wanted: Read,
  batchSize: number,
): AsyncGenerator<object> {
  for await (const rows of executor.stream(wanted.statement, batchSize)) {
    await complete(executor, wanted, rows);
    yield* rows;
  }
}

/** How many rows a batch of a stream has, at least one. */
export function batchOf(model: AnyModel, batchSize: unknown): number {
  const size = wholeNumber(model, "batchSize", batchSize, MOST_IN_BATCH);
  return Math.max(1, size ?? STREAM_BATCH);
}

/** The one row that matches, or null. */
export async function oneOf(
  executor: Executor,
  wanted: Read,
): Promise<object | null> {
  const [row, second] = await rowsOf(executor, wanted);
  if (second === undefined) return row ?? null;
  throw new MultipleRowsError(
    `Cannot find one ${wanted.statement.model.name}: more than one matches, ${row} and ${second} among them; use first or findAll`,
  );
}

/** A whole number of 0 or more, and no more than `most`, or undefined. */
export function wholeNumber(
  model: AnyModel,
  name: string,
  value: unknown,
  most: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (value === undefined) return undefined;
  if (
    typeof value === "number" && Number.isSafeInteger(value) && value >= 0 &&
    value <= most
  ) return value;
  const range = most === Number.MAX_SAFE_INTEGER
    ? "of 0 or more"
    : `from 0 to ${most}`;
  throw new QueryError(
    `Cannot query ${model.name}: ${name} must be a whole number ${range}`,
    { model: model.name, field: name },
  );
}

async function complete(
  executor: Executor,
  { inclusions, extra }: Read,
  rows: readonly object[],
): Promise<void> {
  await loadRelations(executor, rows, inclusions);
  for (const field of extra) {
    for (const row of rows) Reflect.deleteProperty(row, field.name);
  }
}

function selectedFields(model: AnyModel, select: unknown): readonly Field[] {
  if (select === undefined) return model.fields;
  if (!Array.isArray(select) || select.length === 0) {
    throw new QueryError(
      `Cannot select from ${model.name}: select takes a list of at least one field`,
      { model: model.name, field: "select" },
    );
  }
  return [...new Set(select)].map((name) =>
    fieldNamed(model, String(name), "select from")
  );
}
