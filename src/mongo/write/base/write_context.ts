import type { Enqueue } from "../../../base/queue.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { MongoLink } from "../../link/link.ts";
import type { KnownCollections } from "./known_collections.ts";
import type { TransactionScope } from "./transaction_scope.ts";
import type { UndoLog } from "./undo_log.ts";

/** What statements need to run, on a connection or in a transaction. */
export interface WriteContext {
  /** Sends the commands. */
  readonly link: MongoLink;
  /** The transaction or nested transaction; undefined if writes are final at once. */
  readonly scope: TransactionScope | undefined;
  /** Runs a read and the write that depends on it, without other such work of the same transaction in between. */
  readonly exclusively: Enqueue;
  /** The collections that are known to exist. */
  readonly collections: KnownCollections;
  /** Whether the user may write documents to a collection that violate its validator. */
  readonly mayBypassValidator: (table: string) => Promise<boolean>;
  /** Models whose last bulk insert met many existing rows. */
  readonly insertsMeetingRows: Set<AnyModel>;
  /** Models whose last bulk upsert updated most of its rows. */
  readonly upsertsMostlyUpdating: Set<AnyModel>;
  /** The writes that a nested transaction may have to undo. */
  readonly undoLog: UndoLog | undefined;
}
