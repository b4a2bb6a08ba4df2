import type { AnyModel } from "../../model/types.ts";
import type {
  InsertStatement,
  Outcome,
  Rows,
  UpsertStatement,
} from "../../query/statement/statement.ts";
import type { Collations } from "../codec/collations.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { SharedTransaction } from "../link/shared_transaction.ts";
import {
  type CollisionMemory,
  insertLayering,
  insertWriter,
} from "./insert.ts";
import { transactionOfModel } from "./model_errors.ts";
import { upsertLayering, upsertWriter } from "./upsert.ts";
import { type BulkWriter, writeBatches } from "./writer.ts";

/** The maximum number of retries of a bulk insert after a deadlock. */
const BULK_RETRIES = 3;

/** The transaction of a bulk write. */
export interface BulkContext {
  /** Whether to read all rows before the transaction begins, because their source could not use the database during it. */
  readonly isCollected: boolean;
  /** Whether the transaction belongs to the caller, so that only the caller can retry it. */
  readonly isInside: boolean;
  /** Runs `fn` in the transaction, which begins when `fn` first requests it. */
  within<T>(
    fn: (tx: () => Promise<SharedTransaction>) => Promise<T>,
    retries?: number,
  ): Promise<T>;
}

/** State that all bulk writes of a connection share. */
export interface BulkShared {
  readonly schema: string | undefined;
  /** How the columns of the database compare text. */
  readonly collations: Collations;
  /** Models whose last bulk insert met existing keys. */
  readonly colliding: Set<AnyModel>;
}

/** Executes a bulk insert. */
export function insert(
  { schema, colliding }: BulkShared,
  { within, isCollected, isInside }: BulkContext,
  statement: InsertStatement,
): Promise<Outcome<InsertStatement>> {
  const { model, rows } = statement;
  const collisions: CollisionMemory = {
    get: () => colliding.has(model),
    set: (value: boolean) =>
      void (value ? colliding.add(model) : colliding.delete(model)),
    isRetried: !isInside && isRepeatable(rows),
  };
  return within(
    (tx) =>
      writeBatches(
        rows,
        insertLayering(statement),
        () =>
          queuedWriter(
            tx,
            model,
            (tx) => insertWriter(tx, statement, schema, collisions),
          ),
        isCollected,
      ),
    // A retry writes through stages in key order, which never deadlocks.
    collisions.isRetried ? BULK_RETRIES : 0,
  );
}

/** Executes a bulk upsert. */
export function upsert(
  { schema, collations }: BulkShared,
  { within, isCollected }: BulkContext,
  statement: UpsertStatement,
): Promise<Outcome<UpsertStatement>> {
  return within((tx) =>
    writeBatches(
      statement.rows,
      upsertLayering(statement),
      () =>
        queuedWriter(
          tx,
          statement.model,
          (tx) => upsertWriter(tx, statement, schema, collations),
        ),
      isCollected,
    )
  );
}

/** Whether rows can be iterated a second time. */
function isRepeatable(rows: Rows<object>): boolean {
  if (!(Symbol.iterator in rows)) return false;
  const iterator: unknown = rows[Symbol.iterator]();
  return iterator !== rows;
}

/** Creates a writer that writes each batch without statements of other callers in between. */
async function queuedWriter<T>(
  open: () => Promise<SharedTransaction>,
  model: AnyModel,
  createWriter: (tx: SqlTransaction) => BulkWriter<T>,
): Promise<BulkWriter<T>> {
  const { exclusively } = await open();
  let writer: BulkWriter<T> | undefined;
  const writerOn = (tx: SqlTransaction): BulkWriter<T> =>
    writer ??= createWriter(transactionOfModel(tx, model));
  return {
    write: (layers) => exclusively((tx) => writerOn(tx).write(layers)),
    finish: () => exclusively((tx) => writerOn(tx).finish()),
  };
}
