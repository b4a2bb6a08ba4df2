import type { AnyModel } from "../../../model/types.ts";
import type { MongoLink } from "../../link/link.ts";
import type { Present } from "./collection_exists.ts";
import type { Enqueue } from "../../../base/queue.ts";
import type { Undo } from "./undo_log.ts";

/** Where statements run. */
export interface Place {
  /** Where commands go. */
  readonly link: MongoLink;
  /** The transaction around it, or the part of one that can fail alone; none where what was written stays. */
  readonly scope: Scope | undefined;
  /** Does what must not come between the commands of another such piece in the same transaction: a look, and a write that rests on it. */
  readonly together: Enqueue;
  /** Which collections are known to be there. */
  readonly present: Present;
  /** Whether documents of a collection may be written that break its rules. */
  readonly mayBypass: (table: string) => Promise<boolean>;
  /** Models whose bulk inserts have been meeting rows that are there. */
  readonly colliding: Set<AnyModel>;
  /** Models whose bulk upserts have been changing most of what they were given. */
  readonly overwriting: Set<AnyModel>;
  /** What a transaction inside another needs to fail alone. */
  readonly undo: Undo | undefined;
}

/** A transaction, or a part of one that can fail alone. */
export interface Scope {
  /** Why it cannot be kept, where a statement in it was left half done. */
  failed: unknown;
  /** How many calls in it have not ended. */
  running: number;
}
