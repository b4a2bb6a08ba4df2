import type { Document } from "mongodb";
import { TransactionError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { type Executor, runner } from "../../query/statement/executor.ts";
import { ALL, all } from "../../query/statement/condition.ts";
import type {
  Condition,
  DeleteStatement,
  Outcome,
  Statement,
  UpdateEachStatement,
} from "../../query/statement/statement.ts";
import { documentStatement } from "../codec/document_model.ts";
import { writeOutcome } from "../driver/write_outcome.ts";
import { count } from "../read/count.ts";
import { createRowStates, type RowState } from "./base/row_states.ts";
import type { WriteContext } from "./base/write_context.ts";
import { deleteRows } from "./delete_rows.ts";
import { encodeChanges, primaryKeyFields, updateEach } from "./update_each.ts";

/**
 * Runs a session's commit or a `bulkUpdate` on a server without transactions:
 * changes are checked and counted at once, but written at the end, when all of
 * them are known to be possible.
 */
export async function deferCommit<T>(
  context: WriteContext,
  direct: Executor,
  fn: (executor: Executor) => Promise<T>,
): Promise<T> {
  let pending: (UpdateEachStatement | DeleteStatement)[] = [];
  async function writePending(): Promise<void> {
    const statements = pending;
    pending = [];
    const states = createRowStates([], false, false);
    let failure: { readonly error: unknown } | undefined;
    for (const statement of statements) {
      const { fields, keys } = keysOf(statement);
      const add = (state: RowState, indexes: readonly number[]): void =>
        states.add(
          state,
          indexes.flatMap((index) => keys[index] ?? []),
          fields,
        );
      const all = [...keys.keys()];
      if (failure !== undefined) {
        add("unwritten", all);
        continue;
      }
      try {
        await (statement.kind === "delete"
          ? deleteRows(context, statement)
          : updateEach(context, statement));
        add("written", all);
      } catch (error) {
        failure = { error };
        const outcome = writeOutcome(error, all.length, true);
        add("written", outcome.written);
        add("unwritten", [...outcome.duplicate, ...outcome.unwritten]);
        add("unknown", outcome.unknown);
      }
    }
    if (failure !== undefined) throw states.attachTo(failure.error);
  }
  async function defer(
    given: UpdateEachStatement | DeleteStatement,
  ): Promise<number> {
    const statement = documentStatement(given);
    const { model } = statement;
    // Refuses what no document can hold before anything is written.
    if (statement.kind === "updateEach") encodeChanges(statement);
    pending.push(statement);
    const where = statement.kind === "delete"
      ? statement.where
      : all([keysCondition(statement), statement.where ?? ALL]);
    const matching = await count(
      context,
      { kind: "count", model, where, max: undefined },
      true,
    );
    if (matching === 0) {
      await context.collections.assertExists(model, "write");
    }
    return matching;
  }
  async function runDirectly<S extends Statement>(
    statement: S,
  ): Promise<Outcome<S>> {
    await writePending();
    return await direct.run(statement);
  }
  const executor: Executor = {
    ...direct,
    run: runner({
      find: runDirectly,
      findEach: runDirectly,
      count: runDirectly,
      aggregate: runDirectly,
      // Runs before the pending changes: a commit uses it to find the missing row.
      exists: direct.run,
      getOrCreate: runDirectly,
      insertRow: runDirectly,
      insert: runDirectly,
      upsert: runDirectly,
      update: runDirectly,
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
  const result = await fn(executor);
  await writePending();
  return result;
}

/** The condition for the rows that a statement changes. */
function keysCondition(
  { model, changes }: UpdateEachStatement,
): Extract<Condition, { kind: "keys" }> {
  return {
    kind: "keys",
    fields: primaryKeyFields(model),
    keys: changes.map(({ key }) => key),
  };
}

/** The keys of the rows that a statement changes, as documents; none if its condition is not a list of keys. */
function keysOf(
  statement: UpdateEachStatement | DeleteStatement,
): { readonly fields: readonly Field[]; readonly keys: readonly Document[] } {
  const condition = statement.kind === "updateEach"
    ? keysCondition(statement)
    : statement.where;
  if (condition.kind !== "keys") return { fields: [], keys: [] };
  const { fields } = condition;
  return {
    fields,
    keys: condition.keys.map((key) =>
      Object.fromEntries(
        fields.map(({ column }, index) => [column, key[index]]),
      )
    ),
  };
}
