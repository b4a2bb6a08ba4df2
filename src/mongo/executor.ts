import { TransactionError } from "../base/errors/mod.ts";
import type { Statement } from "../query/statement/statement.ts";
import { type Executor, runner } from "../query/statement/executor.ts";
import {
  retryTransaction,
  type TransactionOptions,
} from "../query/statement/transaction_options.ts";
import { insert } from "./write/bulk/insert.ts";
import { upsert } from "./write/bulk/upsert.ts";
import { getOrCreate } from "./write/get_or_create.ts";
import { documentStatement } from "./codec/document_model.ts";
import { refuseUnkeyableKeys } from "./codec/unique_keys.ts";
import type { MongoDriver, MongoLink, MongoTransaction } from "./link/link.ts";
import { count, exists, find, streamRows } from "./read/read_in_parts.ts";
import { refuseUnfinished, within } from "./write/base/partial_write.ts";
import type { Place, Scope } from "./write/base/write_context.ts";
import { transactionEnded } from "./driver/transaction.ts";
import { createQueue } from "../base/queue.ts";
import { createUndo } from "./write/base/undo_log.ts";
import { remove, update, updateEach } from "./write/update_delete.ts";

/** Statements that change nothing. */
const READS: ReadonlySet<Statement["kind"]> = new Set([
  "find",
  "count",
  "exists",
]);

/** What carries statements out in a place. */
export function executorOn(
  place: Place,
  options: TransactionOptions = {},
): Executor {
  const { link, present, scope, together } = place;
  const none = (count: number): boolean => count === 0;
  const run = runner({
    find: (statement) =>
      present.found(
        statement.model,
        "read",
        find(link, statement),
        ({ length }) => length === 0,
      ),
    count: (statement) =>
      present.found(statement.model, "read", count(link, statement), none),
    exists: (statement) =>
      present.found(
        statement.model,
        "read",
        exists(link, statement),
        (there) => !there,
      ),
    update: (statement) => {
      const work = together(() => update(place, statement));
      return present.found(statement.model, "write", work, none);
    },
    updateEach: (statement) => {
      const work = together(() => updateEach(place, statement));
      return present.found(statement.model, "write", work, none);
    },
    delete: (statement) => {
      const work = together(() => remove(place, statement));
      return present.found(statement.model, "write", work, none);
    },
    getOrCreate: async (statement) => {
      await present.ensure(statement.model);
      return await together(() => getOrCreate(place, statement));
    },
    insert: async (statement) => {
      await present.ensure(statement.model);
      return await insert(place, statement);
    },
    upsert: async (statement) => {
      await present.ensure(statement.model);
      return await upsert(place, statement);
    },
  });
  const live: Executor["run"] = async (statement) => {
    const own = documentStatement(statement);
    if (!READS.has(own.kind)) refuseUnkeyableKeys(own.model);
    return await within(scope, () => run(own));
  };
  return {
    run: options.readOnly === true ? reading(live) : live,
    async *stream(statement, batchSize) {
      let nothing = true;
      const own = documentStatement(statement);
      for await (const rows of streamRows(link, own, batchSize)) {
        nothing = false;
        yield rows;
      }
      if (nothing) await present.ensure(own.model, "read");
    },
    transaction: (fn) => within(scope, () => nested(place, options, fn)),
  };
}

/** Refuses what writes. */
function reading(run: Executor["run"]): Executor["run"] {
  return async (statement) => {
    if (READS.has(statement.kind)) return await run(statement);
    throw new TransactionError(
      `Cannot ${statement.kind} in a transaction that may only read`,
    );
  };
}

/** Runs `fn` in a transaction of its own, again where another was in the way and the options allow it. */
export function inTransaction<T>(
  driver: MongoDriver,
  outside: Place,
  { retries }: TransactionOptions,
  fn: (place: Place) => Promise<T>,
): Promise<T> {
  return retryTransaction(retries, async () => {
    const tx: MongoTransaction = driver.begin();
    try {
      const scope: Scope = { failed: undefined, running: 0 };
      const together = createQueue();
      const result = await fn({ ...outside, link: tx, scope, together });
      refuseUnfinished(scope);
      await tx.commit();
      return result;
    } catch (error) {
      await tx.rollback();
      throw error;
    }
  });
}

/** A part of a transaction that can fail alone: what it wrote is put back. */
async function nested<T>(
  { undo: outer, ...place }: Place,
  options: TransactionOptions,
  fn: (executor: Executor) => Promise<T>,
): Promise<T> {
  const undo = createUndo(place.link, place.mayBypass);
  let ended = false;
  const link: MongoLink = {
    send: (call) =>
      ended ? Promise.reject(transactionEnded()) : place.link.send(call),
  };
  let result;
  try {
    const scope: Scope = { failed: undefined, running: 0 };
    result = await fn(executorOn({ ...place, link, scope, undo }, options));
    refuseUnfinished(scope);
  } catch (error) {
    // What is under way must not come after this.
    ended = true;
    // Where the server has given the transaction up, nothing of it is kept anyway.
    await undo.restore().catch(() => {});
    throw error;
  }
  if (outer !== undefined) undo.handOver(outer);
  return result;
}
