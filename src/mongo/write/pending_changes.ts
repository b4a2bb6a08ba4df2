import type { Document } from "mongodb";
import { outcomeOf, StaleRowError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { ALL, all } from "../../query/statement/condition.ts";
import { hasKeyOf } from "../../query/statement/has_key_of.ts";
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
} from "./versioned_keys.ts";

/** A change that is counted, but not written yet. */
interface Pending {
  readonly statement: KeyedStatement;
  /** The number of rows that matched. */
  readonly matching: number;
}

/** The changes of a commit that wait until all are known, and what became of each row. */
export interface PendingChanges {
  /** Checks a change and counts its rows, which are written later. */
  defer(statement: KeyedStatement): Promise<number>;
  /** Writes the changes that wait, in order. */
  writeAll(): Promise<void>;
  /** Whether rows of a model wait for their deletion. */
  hasDeletes(model: AnyModel): boolean;
  /** Counts rows that were written at once. */
  addWritten(keys: readonly Document[], fields: readonly Field[]): void;
  /** Adds to an error which rows were written and which were not. */
  attachTo(error: unknown, advice: string | undefined): unknown;
}

/** Creates the list of changes of one commit on a server without transactions. */
export function createPendingChanges(context: WriteContext): PendingChanges {
  const states = createRowStates([], false, false);
  const pending: Pending[] = [];
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

  async function writeAll(): Promise<void> {
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

  return {
    defer,
    writeAll,
    hasDeletes: ({ table }) =>
      pending.some(({ statement: { kind, model } }) =>
        kind === "delete" && model.table === table
      ),
    addWritten: (keys, fields) => states.add("written", keys, fields),
    attachTo(error, advice) {
      for (const { statement } of pending) add(statement, "unwritten");
      return states.attachTo(error, advice);
    },
  };
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
