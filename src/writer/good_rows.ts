import {
  ForeignKeyError,
  TransactionError,
  ValidationError,
} from "../base/errors/mod.ts";
import { ownParentsFirst } from "./own_parents_first.ts";
import type { PlannedRow, PlannedWrite } from "./plan.ts";
import { isOfRow, rejectedRow } from "./refused_row.ts";
import { NONE, type Queries, send, sum, type Written } from "./send.ts";
import type { RejectedRow, WriterTarget } from "./types.ts";
import { validRows } from "./valid_rows.ts";

/** The maximum number of transactions that search for refused rows, on an engine where a refused row ends the transaction. */
const MAX_TRANSACTIONS = 100;

/** What a flush wrote, and the rows that it set aside. */
export interface GoodRows {
  readonly written: Written;
  readonly rejected: readonly RejectedRow[];
}

/** The search for the refused rows of one write. */
export interface Search {
  readonly write: PlannedWrite;
  /** The rows that are not refused so far, in parts that are written one after the other. */
  readonly parts: (readonly PlannedRow[])[];
  /** Why rows are refused. */
  readonly errors: Map<PlannedRow, unknown>;
}

/**
 * Writes the rows that the models and the database accept in one transaction,
 * and returns the others. Each write runs in nested transactions: if one fails,
 * each half of its rows is written apart, so that a refused row among n costs at
 * most 2 log2(n) bulk writes.
 *
 * @param options the options of the transaction
 */
export async function writeGoodRows(
  target: WriterTarget,
  plan: readonly PlannedWrite[],
  options: object,
): Promise<GoodRows> {
  const searches = plan.map(createSearch);
  let refused = 0;
  for (let transactions = 1;; transactions++) {
    const before = refused;
    try {
      const written = await target.transaction(async (tx) => {
        let total = NONE;
        for (const search of searches) {
          const { model, call } = search.write;
          for (let at = 0; at < search.parts.length;) {
            const rows = partAt(search, at);
            const result = await tried(
              tx,
              (inner) => send(inner, model, call, rows),
            );
            if ("error" in result) {
              refused++;
              splitPart(search, at, result.error);
            } else {
              total = sum(total, result.written);
              at++;
            }
          }
        }
        return total;
      }, options);
      return { written, rejected: searches.flatMap(rejectedRows) };
    } catch (error) {
      // The engine ended the transaction with the refused row: the next one does without it.
      const isEnded = refused > before && error instanceof TransactionError;
      if (!isEnded || transactions >= MAX_TRANSACTIONS) throw error;
    }
  }
}

/** Begins the search for the refused rows of a write with those that the model refuses. A row that others refer to is written before them, also in another part. */
export function createSearch(write: PlannedWrite): Search {
  const { valid, invalid } = validRows(write);
  return {
    write,
    parts: valid.length === 0 ? [] : [ownParentsFirst(write.model, valid)],
    errors: new Map(invalid.map(({ row, error }) => [row, error])),
  };
}

/** Returns the rows of a part. */
export function partAt({ parts }: Search, at: number): readonly object[] {
  return (parts[at] ?? []).map(({ row }) => row);
}

/** Divides a part that failed: around the rows that the error names, or else into halves. A part of one row is refused. */
export function splitPart(search: Search, at: number, error: unknown): void {
  const part = search.parts[at] ?? [];
  const named = error instanceof ValidationError
    ? new Set(error.rows.map(({ index }) => index))
    : new Set<number>();
  const [first] = [...named].filter((index) => index < part.length);
  const bad = part.length === 1 ? 0 : first;
  const middle = bad ?? Math.ceil(part.length / 2);
  const row = bad === undefined ? undefined : part[bad];
  if (row !== undefined) search.errors.set(row, error);
  const halves = [
    part.slice(0, middle),
    part.slice(row === undefined ? middle : middle + 1),
  ];
  search.parts.splice(at, 1, ...halves);
  if (row !== undefined) refuseOrphans(search, at, row, error);
  search.parts.splice(
    0,
    search.parts.length,
    ...search.parts.filter(({ length }) => length > 0),
  );
}

/** Refuses the rows that refer to the same missing row as a refused one: the tables that they refer to are written before. */
function refuseOrphans(
  { write: { model }, parts, errors }: Search,
  from: number,
  refused: PlannedRow,
  error: unknown,
): void {
  if (!(error instanceof ForeignKeyError)) return;
  const { fields } = error;
  const key = model.foreignKeys.find((key) =>
    key.fields.length === fields.length &&
    key.fields.every((name) => fields.includes(name))
  );
  if (key === undefined || key.references.table === model.table) return;
  const valuesOf = ({ row }: PlannedRow): string =>
    JSON.stringify(fields.map((name) => {
      const value: unknown = Reflect.get(row, name);
      return [typeof value, String(value)];
    }));
  const missing = valuesOf(refused);
  for (let at = from; at < parts.length; at++) {
    parts[at] = (parts[at] ?? []).filter((row) => {
      const isOrphan = valuesOf(row) === missing;
      if (isOrphan) errors.set(row, error);
      return !isOrphan;
    });
  }
}

/** Returns the refused rows, in the order in which they were passed. */
export function rejectedRows({ write, errors }: Search): RejectedRow[] {
  return [...errors]
    .toSorted(([one], [other]) => one.position - other.position)
    .map(([row, error]) => rejectedRow(write.model, row, error));
}

/** Writes in a nested transaction. Returns the error of the write if that is about a row; throws other errors. */
async function tried(
  tx: WriterTarget,
  write: (inner: Queries) => Promise<Written>,
): Promise<{ readonly written: Written } | { readonly error: unknown }> {
  let failure: { readonly error: unknown } | undefined;
  try {
    const written = await tx.transaction(async (inner) => {
      try {
        return await write(inner);
      } catch (error) {
        failure = { error };
        throw error;
      }
    });
    return { written };
  } catch (error) {
    const cause = failure === undefined ? error : failure.error;
    if (isOfRow(cause)) return { error: cause };
    throw error;
  }
}
