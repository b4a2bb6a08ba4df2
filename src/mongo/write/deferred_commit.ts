import { TransactionError } from "../../base/errors/mod.ts";
import type {
  DeleteStatement,
  Outcome,
  Statement,
  UpdateEachStatement,
} from "../../query/statement/statement.ts";
import { type Executor, runner } from "../../query/statement/executor.ts";
import { documentStatement } from "../codec/document_model.ts";
import { count } from "../read/read_in_parts.ts";
import type { Place } from "./base/write_context.ts";
import { settled } from "../driver/write_outcome.ts";
import { createTally, type Fate } from "./base/row_fates.ts";
import {
  changeDocuments,
  changedRows,
  keysIn,
  remove,
  updateEach,
} from "./update_delete.ts";

/**
 * What a server without transactions can do for a session's commit and
 * `bulkUpdate`: changes are checked and counted as they come, and written at
 * the end, once it is known that all of them can be.
 */
export async function deferred<T>(
  place: Place,
  direct: Executor,
  fn: (executor: Executor) => Promise<T>,
): Promise<T> {
  let waiting: (UpdateEachStatement | DeleteStatement)[] = [];
  async function write(): Promise<void> {
    const statements = waiting;
    waiting = [];
    const tally = createTally([], false, false);
    let failed: { readonly error: unknown } | undefined;
    for (const statement of statements) {
      const { fields, keys } = keysIn(statement);
      const add = (fate: Fate, places: readonly number[]): void =>
        tally.add(fate, places.flatMap((place) => keys[place] ?? []), fields);
      const all = [...keys.keys()];
      if (failed !== undefined) {
        add("unwritten", all);
        continue;
      }
      try {
        await (statement.kind === "delete"
          ? remove(place, statement)
          : updateEach(place, statement));
        add("written", all);
      } catch (error) {
        failed = { error };
        const fates = settled(error, all.length, true);
        add("written", fates.written);
        add("unwritten", [...fates.taken, ...fates.unwritten]);
        add("unknown", fates.unknown);
      }
    }
    if (failed !== undefined) throw tally.told(failed.error);
  }
  async function counted(
    given: UpdateEachStatement | DeleteStatement,
  ): Promise<number> {
    const statement = documentStatement(given);
    const { model } = statement;
    const where = statement.kind === "delete"
      ? statement.where
      : changedRows(statement);
    // What no document can hold is refused before anything is written.
    if (statement.kind === "updateEach") changeDocuments(statement);
    waiting.push(statement);
    const there = count(
      place.link,
      { kind: "count", model, where, max: undefined },
      true,
    );
    return await place.present.found(
      model,
      "write",
      there,
      (count) => count === 0,
    );
  }
  async function through<S extends Statement>(
    statement: S,
  ): Promise<Outcome<S>> {
    await write();
    return await direct.run(statement);
  }
  const executor: Executor = {
    ...direct,
    run: runner({
      find: through,
      count: through,
      // A look comes before what waits: it is how a commit finds out which row is gone.
      exists: direct.run,
      getOrCreate: through,
      insert: through,
      upsert: through,
      update: through,
      updateEach: counted,
      delete: counted,
    }),
    async *stream(statement, batchSize) {
      await write();
      yield* direct.stream(statement, batchSize);
    },
    transaction: () =>
      Promise.reject(
        new TransactionError(
          "Cannot begin a transaction inside another on a server that has none",
        ),
      ),
  };
  const result = await fn(executor);
  await write();
  return result;
}
