import type { Document } from "mongodb";
import {
  outcomeOf,
  StaleRowError,
  TransactionError,
} from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import { type Executor, runner } from "../../query/statement/executor.ts";
import { ALL, all } from "../../query/statement/condition.ts";
import { hasKeyOf } from "../../query/statement/has_key_of.ts";
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
import { keyIdentity, keysFilter } from "../compile/keys.ts";
import { writeOutcome } from "../driver/write_outcome.ts";
import { count } from "../read/count.ts";
import { createRowStates, type RowState } from "./base/row_states.ts";
import { uniqueKey } from "./base/unique_key.ts";
import type { WriteContext } from "./base/write_context.ts";
import { deleteRows } from "./delete_rows.ts";
import { encodeChanges, updateEach } from "./update_each.ts";
import {
  countOvertaken,
  isVersioned,
  type KeyedStatement,
  keysConditionOf,
  keysIn,
} from "./versioned_keys.ts";

/** The advice after inserts, which a second call would repeat. */
const DELETE_FIRST = "Delete the written rows before you run the call again";

/** A change that is counted, but not written yet. */
interface Pending {
  readonly statement: KeyedStatement;
  /** The number of rows that matched. */
  readonly matching: number;
}

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
  const states = createRowStates([], false, false);
  const pending: Pending[] = [];
  let hasInserted = false;
  const add = (
    statement: KeyedStatement,
    state: RowState,
    indexes?: readonly number[],
  ): void => {
    const { fields, keys } = keysOf(statement);
    states.add(
      state,
      indexes?.flatMap((index) => keys[index] ?? []) ?? keys,
      fields,
    );
  };
  async function writePending(): Promise<void> {
    for (let next = pending[0]; next !== undefined; next = pending[0]) {
      await write(next);
      pending.shift();
    }
  }
  async function write({ statement, matching }: Pending): Promise<void> {
    try {
      const count = await (statement.kind === "delete"
        ? deleteRows(context, statement)
        : updateEach(context, statement));
      // A delete of a missing row has nothing to do, unless the row only has another version.
      const isDone = statement.kind === "delete" && !isVersioned(statement);
      if (isDone || count >= matching) {
        return add(statement, "written");
      }
    } catch (error) {
      const { keys } = keysOf(statement);
      // Some of the keys may be deleted: the error does not say which.
      const isUnknown = statement.kind === "delete" &&
        outcomeOf(error) === "unknown";
      const all = [...keys.keys()];
      const outcome = isUnknown
        ? { written: [], unwritten: [], duplicate: [], unknown: all }
        : writeOutcome(error, keys.length, true);
      add(statement, "written", outcome.written);
      add(statement, "unwritten", [
        ...outcome.duplicate,
        ...outcome.unwritten,
      ]);
      add(statement, "unknown", outcome.unknown);
      pending.shift();
      throw error;
    }
    pending.shift();
    throw await staleError(statement);
  }
  /** Returns the error for rows that another writer deleted, or gave another version, after they were counted. */
  async function staleError(
    statement: KeyedStatement,
  ): Promise<StaleRowError> {
    const { model } = statement;
    const { keys } = keysOf(statement);
    const existing = await existingKeys(context, statement);
    const missing: object[] = [];
    for (const [index, document] of keys.entries()) {
      if (existing?.has(index) === false) missing.push(document);
      add(
        statement,
        existing === undefined
          ? "unknown"
          : existing.has(index)
          ? "written"
          : "unwritten",
        [index],
      );
    }
    return new StaleRowError(
      missing,
      {},
      (missing.length > 0 ? missing : keys).map((key) =>
        `${model.name} ${
          Object.entries(key).map(([name, value]) => `${name} ${value}`)
            .join(", ")
        }`
      ),
      isVersioned(statement)
        ? {
          action: "commit",
          problem:
            "since they were read, other writers changed or deleted some of",
        }
        : undefined,
    );
  }
  async function defer(
    given: KeyedStatement,
  ): Promise<number> {
    const statement = documentStatement(given);
    const { model } = statement;
    // Refuses what no document can hold before anything is written.
    if (statement.kind === "updateEach") encodeChanges(statement);
    const where = statement.kind === "delete"
      ? statement.where
      : all([hasKeyOf(statement), statement.where ?? ALL]);
    const matching = await count(
      context,
      { kind: "count", model, where, max: undefined },
    );
    if (matching === 0) {
      await context.collections.assertExists(model, "write");
    }
    const overtaken = countOvertaken(
      statement,
      pending.map(({ statement }) => statement),
    );
    pending.push({ statement, matching });
    return Math.max(matching - overtaken, 0);
  }
  async function runDirectly<S extends Statement>(
    statement: S,
  ): Promise<Outcome<S>> {
    await writePending();
    return await direct.run(statement);
  }
  /** Counts keys before the pending changes, so that a commit finds a missing row before it writes others. */
  async function countRows(statement: CountStatement): Promise<number> {
    const isDeleted = pending.some(({ statement: { kind, model } }) =>
      kind === "delete" && model.table === statement.model.table
    );
    return keysIn(statement.where) !== undefined && !isDeleted
      ? await direct.run(statement)
      : await runDirectly(statement);
  }
  async function updateDirectly(statement: UpdateStatement): Promise<number> {
    const count = await runDirectly(statement);
    states.add("written", Array.from({ length: count }, () => ({})), []);
    return count;
  }
  async function writeDirectly(
    statement:
      | UpdateReturningStatement
      | UpdateEachReturningStatement
      | DeleteReturningStatement,
  ): Promise<object[]> {
    const rows = await runDirectly(statement);
    states.add("written", rows.map(() => ({})), []);
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
    states.add("written", [Object.fromEntries(written)], key);
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
      updateEach: defer,
      delete: defer,
    }),
    async *stream(statement, batchSize) {
      await writePending();
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
    await writePending();
    return result;
  } catch (error) {
    for (const { statement } of pending) add(statement, "unwritten");
    throw states.attachTo(error, hasInserted ? DELETE_FIRST : undefined);
  }
}

/** Returns the indexes of the keys that exist; undefined if the update changes keys or compares versions, so that they do not show it. */
async function existingKeys(
  { link }: WriteContext,
  statement: KeyedStatement,
): Promise<ReadonlySet<number> | undefined> {
  if (statement.kind === "delete" || isVersioned(statement)) return undefined;
  const { model, key: fields, set, changes } = statement;
  if (set.some((field) => fields.includes(field))) return undefined;
  const filter = keysFilter(fields, changes.map(({ key }) => key));
  const documents = await link.send({
    table: model.table,
    command: { name: "find", parts: { filter } },
    work: (collection, options) => collection.find(filter, options).toArray(),
    rows: ({ length }) => length,
  });
  const { identityOf } = uniqueKey(fields);
  const found = new Set(documents.map(identityOf));
  return new Set(
    changes.flatMap(({ key }, index) =>
      found.has(keyIdentity(key)) ? [index] : []
    ),
  );
}

/** The primary keys of the rows that a statement changes, as documents; none if its condition is not a list of keys. */
function keysOf(
  statement: KeyedStatement,
): { readonly fields: readonly Field[]; readonly keys: readonly Document[] } {
  const condition = keysConditionOf(statement);
  if (condition === undefined) return { fields: [], keys: [] };
  // The version of a row can follow its key.
  const fields = condition.fields.slice(0, statement.model.primaryKey.length);
  return {
    fields,
    keys: condition.keys.map((key) =>
      Object.fromEntries(
        fields.map(({ column }, index) => [column, key[index]]),
      )
    ),
  };
}
