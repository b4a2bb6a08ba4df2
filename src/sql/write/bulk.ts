import type { AnyModel } from "../../model/types.ts";
import type {
  InsertStatement,
  Outcome,
  Rows,
  UpsertStatement,
} from "../../query/statement/statement.ts";
import { insertLayering, insertWriter } from "./insert.ts";
import { upsertLayering, upsertWriter } from "./upsert.ts";
import { type BulkWriter, pour } from "./writer.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { SharedTransaction } from "../link/shared_transaction.ts";

/** How often a bulk insert is written again that deadlocked with another. */
const BULK_RETRIES = 3;

/** How a bulk write finds its transaction. */
export interface BulkPlace {
  /** Whether the rows are all read before it begins, because their source could not use the database meanwhile. */
  readonly collected: boolean;
  /** Whether the transaction is the caller's, who alone can run it again. */
  readonly inside: boolean;
  /** Runs `fn` in the transaction that the write belongs in; it is begun when it is first asked for. */
  within<T>(
    fn: (tx: () => Promise<SharedTransaction>) => Promise<T>,
    retries?: number,
  ): Promise<T>;
}

/** What every bulk write of a backend shares. */
export interface BulkShared {
  readonly schema: string | undefined;
  /** Models whose bulk inserts have been meeting rows that are there. */
  readonly colliding: Set<AnyModel>;
}

/** New rows. */
export function insert(
  { schema, colliding }: BulkShared,
  { within, collected, inside }: BulkPlace,
  statement: InsertStatement,
): Promise<Outcome<InsertStatement>> {
  const { model, rows } = statement;
  const collides = {
    get: () => colliding.has(model),
    set: (value: boolean) =>
      void (value ? colliding.add(model) : colliding.delete(model)),
    again: !inside && isReadAgain(rows),
  };
  return within(
    (tx) =>
      pour(
        rows,
        insertLayering(statement),
        () =>
          inTurns(tx, (tx) => insertWriter(tx, statement, schema, collides)),
        collected,
      ),
    // Written again, the rows are staged and merged in key order, which never deadlocks.
    collides.again ? BULK_RETRIES : 0,
  );
}

/** New rows, and changes to those that are there. */
export function upsert(
  { schema }: BulkShared,
  { within, collected }: BulkPlace,
  statement: UpsertStatement,
): Promise<Outcome<UpsertStatement>> {
  return within((tx) =>
    pour(
      statement.rows,
      upsertLayering(statement),
      () => inTurns(tx, (tx) => upsertWriter(tx, statement, schema)),
      collected,
    )
  );
}

/** Whether rows can be read a second time. */
function isReadAgain(rows: Rows<object>): boolean {
  if (!(Symbol.iterator in rows)) return false;
  const iterator: unknown = rows[Symbol.iterator]();
  return iterator !== rows;
}

/** A writer each of whose batches has one turn on the transaction. */
async function inTurns<T>(
  open: () => Promise<SharedTransaction>,
  writerOn: (tx: SqlTransaction) => BulkWriter<T>,
): Promise<BulkWriter<T>> {
  const { together } = await open();
  let writer: BulkWriter<T> | undefined;
  return {
    write: (layers) =>
      together((tx) => (writer ??= writerOn(tx)).write(layers)),
    finish: () => together((tx) => (writer ??= writerOn(tx)).finish()),
  };
}
