import { QueryError, SessionError } from "../../base/errors/mod.ts";
import { modelOf } from "../../model/row.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Executor } from "../statement/executor.ts";
import {
  adoptMarks,
  type Mark,
  type Marks,
  mergeMarks,
  newMark,
  restore,
  unwrittenMarks,
  writeMarks,
} from "./marks.ts";
import { assertFields } from "../checks/field_names.ts";
import type { TransactionOptions } from "../statement/transaction_options.ts";
import { changes } from "../write/values.ts";

/** How often a commit is run again when it meets another writer. */
const COMMIT_RETRIES = 3;

/**
 * A unit of work: rows that were changed or marked for removal, written
 * together by `commit`. No autoflush and no identity map: queries do not see
 * marks, and two reads of a row give two instances.
 */
export interface Session {
  /**
   * Writes every mark in one transaction.
   * @returns how many rows were updated and deleted
   * @throws {StaleRowError} where a marked row is gone; nothing is written and the marks are kept.
   * Where the database has no transactions and the error's `partly` names rows that were written, those are marked no more
   */
  commit(): Promise<{ updated: number; deleted: number }>;
  /** Gives the instances their values back and drops the marks. */
  rollback(): void;
  /** Ends the session: marks are dropped, instances keep their values. */
  remove(): void;
}

/** A session as queries use it. */
export interface UnitOfWork extends Session {
  /** Changes the instance and marks it. */
  update(row: object, attributes: object, model: AnyModel | undefined): void;
  /** Marks the instance for removal. */
  delete(row: object, model: AnyModel | undefined): void;
  /** Writes the marks through an executor whose transaction is the caller's. */
  flush(executor: Executor): Promise<{ updated: number; deleted: number }>;
  /** What is marked. */
  readonly marks: Marks;
  /** Takes over what an inner unit of work has written, to give it back if this one fails. */
  adopt(written: Marks): void;
}

/** A session on an executor, whose commits run as `options` say. */
export function createSession(
  executor: Executor,
  options: TransactionOptions = {},
): UnitOfWork {
  let marks = new Map<object, Mark>();
  let ended = false;

  function modelFor(row: object, given: AnyModel | undefined): AnyModel {
    if (ended) {
      throw new SessionError("Cannot mark a row: this session has ended");
    }
    const model = given ?? marks.get(row)?.model ?? modelOf(row);
    if (model !== undefined) return model;
    throw new QueryError(
      "Cannot mark a row that no query returned: name its model, as in db.query(Model).update(row, …)",
    );
  }

  function markOf(row: object, model: AnyModel): Mark {
    const mark = marks.get(row) ?? newMark(model, row);
    marks.set(row, mark);
    return mark;
  }

  return {
    update(row, attributes, given) {
      const model = modelFor(row, given);
      assertFields(model, attributes);
      const values = changes(model, attributes, 0);
      const { before, set } = markOf(row, model);
      for (const [field, value] of values) {
        if (!before.has(field)) before.set(field, Reflect.get(row, field.name));
        set.set(field, value);
        Reflect.set(row, field.name, value);
      }
    },
    delete(row, given) {
      markOf(row, modelFor(row, given)).deleted = true;
    },
    flush: (on) => writeMarks(on, marks),
    get marks() {
      return marks;
    },
    adopt(written) {
      marks = adoptMarks(marks, written);
    },
    async commit() {
      if (ended) {
        throw new SessionError("Cannot commit: this session has ended");
      }
      if (marks.size === 0) return { updated: 0, deleted: 0 };
      const committing = marks;
      marks = new Map();
      try {
        return await executor.transaction(
          (on) => writeMarks(on, committing),
          { retries: COMMIT_RETRIES, ...options },
        );
      } catch (error) {
        marks = mergeMarks(unwrittenMarks(committing, error), marks);
        throw error;
      }
    },
    rollback() {
      restore(marks);
      marks = new Map();
    },
    remove() {
      marks = new Map();
      ended = true;
    },
  };
}
