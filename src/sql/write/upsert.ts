import { DatabaseError, DuplicateKeyError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import {
  isLeftToServer,
  isNumbered,
  writtenFields,
} from "../../model/server_filling.ts";
import type {
  Outcome,
  UpsertStatement,
} from "../../query/statement/statement.ts";
import { tableOf } from "../codec/sql_piece.ts";
import { roundsEncoding } from "../codec/written_value.ts";
import { isExactKey } from "../codec/stored_form.ts";
import type { SqlTransaction } from "../link/link.ts";
import { SQLSTATE } from "../link/sqlstate.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { checkKeysNow } from "./check_keys_now.ts";
import { createMerge } from "./create_merge.ts";
import { ascendingField } from "./ascending.ts";
import type { Layer, Shape } from "./layer.ts";
import type { Layering } from "./layers.ts";
import { defaultsOfKey, insertNewRows, withoutDefaults } from "./filled_key.ts";
import { type Merged, mergeStage } from "./merge.ts";
import { mergeApart, mergesAtOnce } from "./merge_apart.ts";
import { mergeLocked } from "./merge_locked.ts";
import {
  type LayerGroup,
  layerGroups,
  mixedInsert,
  sharedColumns,
  takesMixedRows,
} from "./mixed_rows.ts";
import { areExactReferences, ownReferences } from "./own_references.ts";
import { retryMerge } from "./retry_merge.ts";
import { sendWriteText } from "./send_write.ts";
import { createStagedWriter, type StagedFacts } from "./staged_writer.ts";
import type { Stage } from "./stage.ts";
import { withSequenceAdvice } from "./taken_numbers.ts";
import { needsKnownKeys, withKnownKeys } from "./winners.ts";
import { withMemory } from "./with_memory.ts";
import type { BulkTarget, BulkWriter } from "./writer.ts";

/**
 * Returns the layering of an upsert: rows with the same fields share a layer.
 * Rows leave out the columns of the key that they leave to the server; if such
 * rows are returned, all rows keep their order.
 */
export function upsertLayering(
  statement: UpsertStatement,
  facts: TableFacts,
): Layering {
  const { model, conflict, prefer } = statement;
  const written = writtenFields(model);
  const references = ownReferences(model);
  return {
    model,
    keys: [withoutDefaults(conflict)],
    references,
    shapes: new Map(),
    required: conflict,
    optional: model.fields,
    isExact: isExact(statement, facts) && !keepsOrder(statement) &&
      areExactReferences(references, facts),
    ascending: ascendingField(conflict, facts),
    texts: written.filter((field) =>
      roundsEncoding(field, facts.columns.get(field.column))
    ),
    columns(given) {
      const key = conflict.filter((field) => !isLeftToServer(field));
      const needed = new Set([...given, ...key, ...prefer]);
      return written.filter((field) =>
        needed.has(field) || field.default !== undefined ||
        field.onUpdate !== undefined
      );
    },
  };
}

/** Whether rows keep their order, because they are returned and their order alone says which is which: the server may fill the key. */
function keepsOrder({ conflict, returning }: UpsertStatement): boolean {
  return returning !== undefined && conflict.some(isLeftToServer);
}

function isExact({ conflict }: UpsertStatement, facts: TableFacts): boolean {
  return conflict.every((field) =>
    isExactKey(field, facts.columns.get(field.column))
  );
}

/** Inserts and updates rows through stages, merged in key order. */
export function upsertWriter(
  tx: SqlTransaction,
  statement: UpsertStatement,
  target: BulkTarget,
): BulkWriter<Outcome<UpsertStatement>> {
  const { facts, schema, isInside } = target;
  const outcome = { inserted: 0, updated: 0, unchanged: 0 };
  const { model, conflict, isUnique, returning } = statement;
  const written: object[] = [];
  const isAtOnce = isUnique && mergesAtOnce({ facts });
  async function mergeRows(
    shape: Shape,
    stage: Stage,
    { isWhole, areDistinct }: StagedFacts,
  ): Promise<Merged> {
    const hasKey = conflict.every((field) => stage.columns.includes(field));
    const created = createMerge(statement, target, shape, stage);
    const merge = !hasKey
      ? created
      : areDistinct
      ? { ...created, isDistinct: true }
      : await withKnownKeys(tx, created);
    return await retryMerge(
      tx,
      () =>
        !hasKey
          ? insertNewRows(tx, statement, merge.table, stage)
          : !isUnique
          ? mergeLocked(tx, merge, isWhole)
          : isAtOnce
          ? mergeStage(tx, merge)
          : mergeApart(tx, merge),
      {
        isRetryable: (error) => !isAtOnce && error instanceof DuplicateKeyError,
      },
    );
  }
  // Rows that keep their order can make many layers of few rows.
  const isSmall = target.isSmall || keepsOrder(statement);
  const staged = createStagedWriter(
    tx,
    { facts, isSmall },
    async (shape, stage, known) => {
      if (!facts.takesOnConflict && !isInside) await checkKeysNow(tx);
      const work = () => mergeRows(shape, stage, known);
      const merged = isUnique ? work() : withMemory(tx, stage.rows(), work);
      const { inserted, updated, rows = [] } = await merged.catch((error) => {
        throw withAdvice(error, statement, stage.columns);
      });
      count(stage.rows(), { inserted, updated, rows });
    },
    (shape) => defaultsOfKey(tx, model, schema, conflict, shape),
    needsKnownKeys(statement) && isExact(statement, facts)
      ? conflict
      : undefined,
  );

  function count(
    given: number,
    { inserted, updated, rows = [] }: Merged,
  ): void {
    outcome.inserted += inserted;
    outcome.updated += updated;
    outcome.unchanged += given - inserted - updated;
    for (const row of rows) written.push(row);
  }

  /** Inserts rows that get new keys. */
  async function insertMixed(group: LayerGroup): Promise<void> {
    await staged.flush();
    const insert = mixedInsert(tableOf(model, schema), group, facts);
    const { count: inserted, rows } = await retryMerge(
      tx,
      () => sendWriteText(tx, statement, insert),
    ).catch((error) => {
      throw withAdvice(error, statement, sharedColumns(group));
    });
    const given = group.reduce((sum, { rows }) => sum + rows, 0);
    count(given, { inserted, updated: 0, rows });
  }

  /** Whether the rows of a layer get new keys, whatever other rows there are. */
  const isMixable = ({ shape: { columns } }: Layer): boolean =>
    takesMixedRows(facts) &&
    conflict.some((field) => isNumbered(field) && !columns.includes(field));
  return {
    async write(layers) {
      for (const group of layerGroups(layers, isMixable)) {
        const [layer, ...others] = group;
        if (others.length > 0) await insertMixed(group);
        else await staged.add(layer);
      }
    },
    async finish() {
      await staged.finish();
      return returning === undefined ? outcome : { ...outcome, rows: written };
    },
  };
}

/** Returns the error of an upsert, with advice. */
export function withAdvice(
  error: unknown,
  statement: UpsertStatement,
  columns: readonly Field[],
): unknown {
  return withSequenceAdvice(
    withTriggerAdvice(error, statement),
    statement.model,
    columns,
  );
}

/** The rows of a merge have different keys, unless a trigger changes them. */
function withTriggerAdvice(
  error: unknown,
  { model, conflict }: UpsertStatement,
): unknown {
  if (
    !(error instanceof DatabaseError) ||
    error.code !== SQLSTATE.cardinalityViolation
  ) return error;
  return new DatabaseError(
    `Cannot upsert ${model.name}: a trigger of ${model.table} gives several of the rows the same ${
      conflict.map(({ name }) => name).join(", ")
    }. Give each row the key that the trigger writes, or write these rows in separate calls`,
    { cause: error, code: error.code },
  );
}
