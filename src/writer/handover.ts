import { QueryError } from "../base/errors/mod.ts";
import { type NamesOf, namesOf, unknownNames } from "../base/known_names.ts";
import type { AnyModel } from "../model/types.ts";
import { assertModel } from "../query/checks/model.ts";
import { assertOptionsObject } from "../query/method_options.ts";
import type { Executor } from "../query/statement/executor.ts";
import { isColumnRows, type RowList } from "../query/statement/column_rows.ts";
import type { Rows } from "../query/statement/statement.ts";
import { bulkInsert, bulkUpsert } from "../query/write/bulk.ts";
import type { MergeRules } from "../query/write/merge_rules.ts";
import type { WriterUpsertOptions } from "./types.ts";

type ListOption = Exclude<keyof WriterUpsertOptions<AnyModel>, "merge">;

/** How rows are written: a method of the writer and its options. */
export type WriterCall =
  | {
    readonly method: "insert";
    readonly options: { readonly onConflict?: "ignore" | "error" };
  }
  | {
    readonly method: "upsert";
    readonly options:
      & { readonly [Name in ListOption]?: readonly PropertyKey[] }
      & { readonly merge?: MergeRules<object> };
  };

/** Rows that one call handed to a writer. */
export interface Handover {
  readonly model: AnyModel;
  readonly call: WriterCall;
  /** The rows; those of an asynchronous source only after {@link Handover.read}. */
  readonly rows: RowList;
  /** Resolves when all rows are read; undefined if they were read at once. */
  readonly read: Promise<void> | undefined;
}

const UPSERT: NamesOf<WriterUpsertOptions<AnyModel>> = {
  conflict: true,
  update: true,
  prefer: true,
  merge: true,
};
const NAMES = {
  insert: namesOf({ onConflict: true }),
  upsert: namesOf(UPSERT),
};

/**
 * Checks a call, and reads its rows: those of an iterable at once, so that the
 * program can change its array afterwards; those of an async iterable as they
 * arrive.
 *
 * @throws {QueryError} if the model, the rows or an option is wrong
 */
export function handover(
  model: AnyModel,
  rows: Rows<object>,
  given: WriterCall,
): Handover {
  assertModel(model);
  assertCall(model, rows, given);
  const call = structuredClone(given);
  // These do not change.
  if (isColumnRows(rows)) return { model, call, rows, read: undefined };
  const kept: object[] = [];
  if (!(Symbol.asyncIterator in rows)) {
    for (const row of rows) kept.push(row);
    return { model, call, rows: kept, read: undefined };
  }
  const read = readAll(rows, kept);
  // Handled by the flush that waits for the rows; this prevents an unhandled rejection until then.
  read.catch(() => {});
  return { model, call, rows: kept, read };
}

async function readAll(
  source: AsyncIterable<object>,
  rows: object[],
): Promise<void> {
  for await (const row of source) rows.push(row);
}

/** Checks the names of the options, and their values as the bulk write itself will. */
function assertCall(
  model: AnyModel,
  rows: Rows<object>,
  { method, options }: WriterCall,
): void {
  assertOptionsObject(model, method, options);
  const [unknown] = unknownNames(options, NAMES[method]);
  if (unknown !== undefined) {
    const { name, nearest } = unknown;
    throw new QueryError(
      `Cannot call ${method} of a writer on ${model.name}: it has no option ${name}`,
      { model: model.name, field: name, nearest },
    );
  }
  const write = method === "insert"
    ? bulkInsert(NOTHING, model, rows, { onConflict: options.onConflict })
    : bulkUpsert(NOTHING, model, rows, options);
  write.catch(() => {});
}

const unused = (): never => {
  throw new Error("unreachable");
};

/** An executor that sends nothing: what it receives is checked. */
const NOTHING: Executor = {
  run: () => new Promise(() => {}),
  stream: unused,
  transaction: unused,
};
