import type { Enqueue } from "../../../base/queue.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { ReadContext } from "../../read/read_context.ts";
import type { TransactionScope } from "./transaction_scope.ts";
import type { UndoLog } from "./undo_log.ts";

/** What statements need to run, on a connection or in a transaction. */
export interface WriteContext extends ReadContext {
  /** The transaction or nested transaction; undefined if writes are final at once. */
  readonly scope: TransactionScope | undefined;
  /** Runs a read and the write that depends on it, without other such work of the same transaction in between. */
  readonly exclusively: Enqueue;
  /** Whether the user may write documents to a collection that violate its validator. */
  readonly mayBypassValidator: (table: string) => Promise<boolean>;
  /** Models whose last bulk insert met many existing rows. */
  readonly insertsMeetingRows: Set<AnyModel>;
  /** Models whose last bulk upsert updated most of its rows. */
  readonly upsertsMostlyUpdating: Set<AnyModel>;
  /** The writes that a nested transaction may have to undo. */
  readonly undoLog: UndoLog | undefined;
}
