import { asWrite, QueryError, SessionError } from "../../base/errors/mod.ts";
import { operandOf } from "../../model/expression.ts";
import { modelOf } from "../../model/row.ts";
import type { AnyModel } from "../../model/types.ts";
import { withinLimit } from "../limit/within_limit.ts";
import {
  assertCallOptions,
  type CallOptions,
  isLimited,
} from "../statement/call_options.ts";
import { type CallObserver, observed } from "../statement/call_observer.ts";
import type { Executor } from "../statement/executor.ts";
import {
  adoptMarks,
  createMark,
  type Mark,
  type Marks,
  mergeMarks,
  raiseVersions,
  refuseUncombined,
  restore,
  unwrittenMarks,
} from "./marks.ts";
import { planWrites } from "./plan_writes.ts";
import { writePlan, writePlanAlone } from "./write_marks.ts";
import { assertFields } from "../checks/field_names.ts";
import { unreadableRow } from "../checks/unreadable_row.ts";
import { assertUpdatable } from "../checks/updatable.ts";
import {
  splitLimits,
  type TransactionOptions,
} from "../statement/transaction_options.ts";
import { outlasting } from "../statement/outlast.ts";
import { ofOneRow } from "../write/of_one_row.ts";
import { combined } from "../write/assignments.ts";
import { expressedChanges } from "../write/expressed_changes.ts";
import type { Values } from "../write/values.ts";

/** The default number of retries of a commit that conflicts with another writer. */
const COMMIT_RETRIES = 3;

/**
 * A unit of work: `commit` writes all rows changed by `update` or marked by
 * `delete` together. A session has no autoflush and no identity map: queries do
 * not see pending changes, and two reads of a row return two instances.
 */
export interface Session {
  /**
   * Writes all marked rows in one transaction.
   * @param options the limits of the call; they replace those of `sessionOptions`.
   * After an error, the session keeps its marks
   * @returns the numbers of updated and deleted rows
   * @throws {DiscardedRowError} if a trigger, a rule or a policy of a table discards a write. Nothing is written, and the session keeps its marks
   * @throws {StaleRowError} if the database no longer holds a marked row. Nothing is
   * written, and the session keeps its marks. On a database without transactions, it
   * drops the marks of rows that the error's `partly` reports as written
   */
  commit(
    options?: CallOptions,
  ): Promise<{ updated: number; deleted: number }>;
  /** Restores the previous values of the instances and drops the marks. */
  rollback(): void;
  /** Ends the session and drops the marks. Instances keep their values. */
  remove(): void;
}

/** A session, with the methods that queries and transactions need. */
export interface UnitOfWork extends Session {
  /** Changes an instance and marks it. */
  update(row: object, attributes: object, model: AnyModel | undefined): void;
  /** Marks an instance for deletion. */
  delete(row: object, model: AnyModel | undefined): void;
  /** Writes the marks in the transaction of the caller. */
  flush(executor: Executor): Promise<{ updated: number; deleted: number }>;
  /** The marked instances. */
  readonly marks: Marks;
  /** Adds the marks that an inner unit of work has written, so that `rollback` restores their instances. */
  adopt(written: Marks): void;
}

/** Creates a session; its commits run with the given options. */
export function createSession(
  executor: Executor,
  options: TransactionOptions = {},
  observer?: CallObserver,
): UnitOfWork {
  const { modes, limits } = splitLimits(options);
  let marks = new Map<object, Mark>();
  /** The marks of the commit that runs: if it fails, they are pending again. */
  let committing: Marks = new Map();
  let ended = false;

  function modelFor(row: object, given: AnyModel | undefined): AnyModel {
    if (ended) {
      throw new SessionError("Cannot mark a row: this session has ended");
    }
    if (typeof row !== "object" || row === null) {
      throw new QueryError(
        `Cannot mark a row${
          given === undefined ? "" : ` of ${given.name}`
        }: it must be a row that a query returned, or an object with the primary key`,
        { model: given?.name, field: "row" },
      );
    }
    const model = given ?? marks.get(row)?.model ?? modelOf(row);
    if (model !== undefined) return model;
    throw new QueryError(
      "Cannot mark a row that no query returned: pass its model, like db.query(Model).update(row, …)",
    );
  }

  function markOf(row: object, model: AnyModel): Mark {
    try {
      const mark = marks.get(row) ?? createMark(model, row);
      marks.set(row, mark);
      return mark;
    } catch (error) {
      throw ofOneRow(unreadableRow(model, row, 0, error));
    }
  }

  return {
    update(row, attributes, given) {
      const model = modelFor(row, given);
      const values = changesOfRow(model, attributes);
      const pending = committing.get(row);
      if (pending !== undefined) refuseUncombined(pending, values);
      const existing = marks.get(row);
      if (existing !== undefined) refuseUncombined(existing, values);
      const { before, set } = markOf(row, model);
      for (const [field, value] of values) {
        const change = combined(field, set.get(field), value)?.change;
        set.set(field, change);
        // The result of an expression is known only after the next read.
        if (operandOf(change) !== undefined) continue;
        if (!before.has(field)) before.set(field, Reflect.get(row, field.name));
        Reflect.set(row, field.name, change);
      }
    },
    delete(row, given) {
      markOf(row, modelFor(row, given)).deleted = true;
    },
    async flush(tx) {
      const written = await writePlan(tx, await planWrites(tx, marks));
      raiseVersions(marks);
      return written;
    },
    get marks() {
      return marks;
    },
    adopt(written) {
      marks = adoptMarks(marks, written);
    },
    commit: (given = {}) =>
      observed(
        observer,
        { method: "commit" },
        () => asWrite(() => commit(given)),
      ),
    rollback() {
      restore(marks);
      marks = new Map();
    },
    remove() {
      marks = new Map();
      ended = true;
    },
  };

  async function commit(
    given: CallOptions,
  ): Promise<{ updated: number; deleted: number }> {
    assertCallOptions({ method: "commit" }, given);
    if (ended) {
      throw new SessionError("Cannot commit: this session has ended");
    }
    if (marks.size === 0) return { updated: 0, deleted: 0 };
    const own = marks;
    committing = own;
    marks = new Map();
    try {
      const limit = { ...limits, ...given };
      const written = isLimited(limit)
        ? await withinLimit(
          { method: "commit" },
          limit,
          executor,
          (limited) => write(limited, own),
        )
        : await write(executor, own);
      raiseVersions(own);
      return written;
    } catch (error) {
      const unwritten = unwrittenMarks(own, error);
      raiseVersions(new Map([...own].filter(([row]) => !unwritten.has(row))));
      marks = mergeMarks(unwritten, marks);
      throw ofOneRow(error);
    } finally {
      if (committing === own) committing = new Map();
    }
  }

  async function write(
    to: Executor,
    marks: Marks,
  ): Promise<{ updated: number; deleted: number }> {
    const plan = await planWrites(to, marks);
    const alone = Object.keys(modes).length === 0
      ? await writePlanAlone(to, plan)
      : undefined;
    return alone ?? await to.transaction(
      (tx) => writePlan(tx, plan),
      outlasting({ retries: COMMIT_RETRIES, ...modes }),
    );
  }
}

function changesOfRow(model: AnyModel, attributes: object): Values {
  try {
    assertFields(model, attributes);
    assertUpdatable(model, attributes);
    return expressedChanges(model, attributes, 0);
  } catch (error) {
    throw ofOneRow(unreadableRow(model, attributes, 0, error));
  }
}
