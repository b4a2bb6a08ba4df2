import { TransactionError } from "../../base/errors/mod.ts";
import { fieldsNamed } from "../../model/keys.ts";
import { type Executor, runner } from "../../query/statement/executor.ts";
import type {
  CountStatement,
  DeleteReturningStatement,
  InsertRowStatement,
  Outcome,
  Statement,
  UpdateEachReturningStatement,
  UpdateReturningStatement,
  UpdateStatement,
} from "../../query/statement/statement.ts";
import { documentStatement } from "../codec/document_model.ts";
import type { WriteContext } from "./base/write_context.ts";
import { createPendingChanges } from "./pending_changes.ts";
import { keysIn } from "./versioned_keys.ts";

/** The advice after inserts, which a second call would repeat. */
const DELETE_FIRST = "Delete the written rows before you run the call again";

/**
 * Runs a session's commit or a `bulkUpdate` on a server without transactions:
 * changes are checked and counted at once, but written at the end, when all of
 * them are known to be possible. If one fails after others were written, its error
 * reports those.
 */
export async function deferCommit<T>(
  context: WriteContext,
  direct: Executor,
  fn: (executor: Executor) => Promise<T>,
): Promise<T> {
  const pending = createPendingChanges(context);
  let hasInserted = false;

  async function runDirectly<S extends Statement>(
    statement: S,
  ): Promise<Outcome<S>> {
    await pending.writeAll();
    return await direct.run(statement);
  }

  /** Counts keys before the pending changes, so that a commit finds a missing row before it writes others. */
  async function countRows(statement: CountStatement): Promise<number> {
    return keysIn(statement.where) !== undefined &&
        !pending.hasDeletes(statement.model)
      ? await direct.run(statement)
      : await runDirectly(statement);
  }

  async function updateDirectly(statement: UpdateStatement): Promise<number> {
    const count = await runDirectly(statement);
    pending.addWritten(Array.from({ length: count }, () => ({})), []);
    return count;
  }

  async function writeDirectly(
    statement:
      | UpdateReturningStatement
      | UpdateEachReturningStatement
      | DeleteReturningStatement,
  ): Promise<object[]> {
    const rows = await runDirectly(statement);
    pending.addWritten(rows.map(() => ({})), []);
    return rows;
  }

  async function insertDirectly(
    statement: InsertRowStatement,
  ): Promise<object> {
    const row = await runDirectly(statement);
    const { model } = documentStatement(statement);
    const key = fieldsNamed(model, model.primaryKey);
    const written = key.map(({ name, column }) => [
      column,
      Reflect.get(row, name),
    ]);
    pending.addWritten([Object.fromEntries(written)], key);
    hasInserted = true;
    return row;
  }
  const executor: Executor = {
    ...direct,
    run: runner({
      find: runDirectly,
      findEach: runDirectly,
      findNear: runDirectly,
      count: countRows,
      aggregate: runDirectly,
      // Runs before the pending changes: a commit uses it to find the missing row.
      exists: direct.run,
      getOrCreate: runDirectly,
      insertRow: insertDirectly,
      insert: runDirectly,
      upsert: runDirectly,
      update: updateDirectly,
      updateReturning: writeDirectly,
      updateEachReturning: writeDirectly,
      deleteReturning: writeDirectly,
      updateEach: pending.defer,
      delete: pending.defer,
    }),
    async *stream(statement, batchSize) {
      await pending.writeAll();
      yield* direct.stream(statement, batchSize);
    },
    // A call with limits of its own is deferred too.
    limited: () => undefined,
    transaction: () =>
      Promise.reject(
        new TransactionError(
          "Cannot begin a nested transaction: this MongoDB server has no transactions",
        ),
      ),
  };
  try {
    const result = await fn(executor);
    await pending.writeAll();
    return result;
  } catch (error) {
    throw pending.attachTo(error, hasInserted ? DELETE_FIRST : undefined);
  }
}
