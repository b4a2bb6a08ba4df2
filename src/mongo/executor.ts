import type { AnyModel } from "../model/types.ts";
import { createQueue } from "../base/queue.ts";
import {
  rolledBack,
  transactionEnded,
  TransactionError,
} from "../base/errors/mod.ts";
import { type Condition, hasRelations } from "../query/statement/condition.ts";
import { type Executor, runner } from "../query/statement/executor.ts";
import { READS } from "../query/statement/reads.ts";
import type { Outcome, Statement } from "../query/statement/statement.ts";
import type { TransactionModes } from "../query/statement/transaction_options.ts";
import { documentModel, documentStatement } from "./codec/document_model.ts";
import { refuseArrayKeys } from "./codec/refuse_array_key.ts";
import { retryConflicts } from "./driver/retry_conflicts.ts";
import type { MongoDriver, MongoLink } from "./link/link.ts";
import { aggregate } from "./read/aggregate.ts";
import { count, exists } from "./read/count.ts";
import { find, streamRows } from "./read/find.ts";
import { findEach } from "./read/find_each.ts";
import { findNear } from "./read/find_near.ts";
import { keyIdentities } from "./read/key_identities.ts";
import { withRelatedKeys } from "./read/related_keys.ts";
import { createScope, refuseFailed } from "./write/base/transaction_scope.ts";
import { createUndoLog } from "./write/base/undo_log.ts";
import type { WriteContext } from "./write/base/write_context.ts";
import { insert } from "./write/bulk/insert.ts";
import { upsert } from "./write/bulk/upsert.ts";
import { deleteRows } from "./write/delete_rows.ts";
import { getOrCreate } from "./write/get_or_create.ts";
import { insertRow } from "./write/insert_row.ts";
import {
  deleteReturning,
  updateEachReturning,
  updateReturning,
} from "./write/returning.ts";
import { update } from "./write/update.ts";
import { updateEach } from "./write/update_each.ts";

type Kind = Statement["kind"];
/** A statement on the rows that match a condition. */
interface Filtered {
  readonly model: AnyModel;
  readonly where?: Condition;
}

/** Statements that may insert, so that the server would create a missing collection. */
const INSERTS: ReadonlySet<Kind> = new Set([
  "insert",
  "insertRow",
  "upsert",
  "getOrCreate",
]);

/**
 * The executor on a connection, or in a transaction.
 *
 * @param signal ends its commands, but not those that undo a nested transaction
 */
export function executorOn(
  given: WriteContext,
  { readOnly = false }: TransactionModes = {},
  signal?: AbortSignal,
): Executor {
  const context = limitedContext(given, signal);
  const { collections, scope, exclusively } = context;
  /** Carries out a statement with keys in place of relations. */
  const onKeys = <S extends Filtered, T>(
    work: (context: WriteContext, statement: S) => Promise<T>,
  ) =>
  (statement: S): Promise<T> => {
    const { model, where } = statement;
    if (where === undefined || !hasRelations(where)) {
      return work(context, statement);
    }
    return withRelatedKeys(context, model, where)
      .then((where) => work(context, { ...statement, where }));
  };
  const alone =
    <S, T>(work: (statement: S) => Promise<T>) => (statement: S): Promise<T> =>
      exclusively(() => work(statement));
  const handle = runner({
    find: onKeys(find),
    findEach: onKeys(findEach),
    findNear: onKeys(findNear),
    count: onKeys(count),
    exists: onKeys(exists),
    aggregate: onKeys(aggregate),
    update: alone(onKeys(update)),
    updateEach: alone(onKeys(updateEach)),
    delete: alone(onKeys(deleteRows)),
    updateReturning: alone(onKeys(updateReturning)),
    updateEachReturning: alone(onKeys(updateEachReturning)),
    deleteReturning: alone(onKeys(deleteReturning)),
    getOrCreate: alone((statement) => getOrCreate(context, statement)),
    insertRow: alone((statement) => insertRow(context, statement)),
    insert: (statement) => insert(context, statement),
    upsert: (statement) => upsert(context, statement),
  });
  async function run<S extends Statement>(given: S): Promise<Outcome<S>> {
    const statement = documentStatement(given);
    const { kind, model } = statement;
    const purpose = READS.has(kind) ? "read" : "write";
    if (purpose === "write") refuseArrayKeys(model);
    if (INSERTS.has(kind) && !collections.isKnown(model)) {
      await collections.assertExists(model, purpose);
    }
    const outcome = await handle(statement);
    if (isEmpty(outcome)) await collections.assertExists(model, purpose);
    return outcome;
  }
  return {
    run: readOnly || scope !== undefined
      ? async (statement) => {
        if (readOnly && !READS.has(statement.kind)) {
          throw new TransactionError(
            `Cannot write in a read-only transaction (${statement.kind})`,
          );
        }
        refuseFailed(scope);
        return await run(statement);
      }
      : run,
    async *stream(given, batchSize) {
      const { where, ...statement } = documentStatement(given);
      const ready = {
        ...statement,
        where: await withRelatedKeys(context, statement.model, where),
      };
      let isEmpty = true;
      for await (const rows of streamRows(context, ready, batchSize)) {
        isEmpty = false;
        yield rows;
      }
      if (isEmpty) await collections.assertExists(statement.model, "read");
    },
    async transaction(fn) {
      refuseFailed(scope);
      return await nestedTransaction(given, { readOnly }, fn, signal);
    },
    limited: (signal) => executorOn(context, { readOnly }, signal),
    keyIdentities: (given, fields, keys) => {
      const model = documentModel(given);
      return keyIdentities(context, model, fields, keys);
    },
  };
}

/** Returns a context whose commands end when the signal is aborted. */
export function limitedContext(
  context: WriteContext,
  signal: AbortSignal | undefined,
): WriteContext {
  const link = signal && context.link.limited?.(signal);
  return link === undefined ? context : { ...context, link };
}

/** Whether a statement matched no row, perhaps because the collection is missing. */
function isEmpty(outcome: unknown): boolean {
  return outcome === 0 || outcome === false ||
    (Array.isArray(outcome) && outcome.length === 0);
}

/** Runs a function in a transaction, and again after a conflict if the options allow it. */
export function inTransaction<T>(
  driver: MongoDriver,
  outside: WriteContext,
  modes: TransactionModes,
  fn: (context: WriteContext) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return retryConflicts(driver.db, modes, signal, async () => {
    const transaction = driver.begin(signal);
    let isCommitting = false;
    try {
      const scope = createScope();
      const exclusively = createQueue();
      const context = { ...outside, link: transaction, scope, exclusively };
      const result = await fn(context);
      refuseFailed(scope);
      isCommitting = true;
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      throw isCommitting ? error : rolledBack(error);
    }
  });
}

/** Runs a function in a nested transaction, which can fail alone: its writes are then undone. */
async function nestedTransaction<T>(
  { undoLog: outerLog, ...outer }: WriteContext,
  options: TransactionModes,
  fn: (executor: Executor) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const undoLog = createUndoLog(outer.link, outer.mayBypassValidator);
  let hasEnded = false;
  const whileOpen = (to: MongoLink): MongoLink => ({
    send: (call) =>
      hasEnded ? Promise.reject(transactionEnded()) : to.send(call),
    limited: (signal) => whileOpen(to.limited?.(signal) ?? to),
  });
  let result;
  try {
    const scope = createScope();
    const link = whileOpen(outer.link);
    const context = { ...outer, link, scope, undoLog };
    result = await fn(executorOn(context, options, signal));
    refuseFailed(scope);
  } catch (error) {
    // Calls that are still running must not write after the restore.
    hasEnded = true;
    // If the server aborted the transaction, it discards everything anyway.
    await undoLog.restore().catch(() => {});
    throw error;
  }
  if (outerLog !== undefined) undoLog.mergeInto(outerLog);
  return result;
}
