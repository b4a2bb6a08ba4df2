import type { Field } from "../../model/field.ts";
import { isNumbered } from "../../model/server_filling.ts";
import type {
  Outcome,
  UpsertStatement,
} from "../../query/statement/statement.ts";
import { insertNewSql } from "./filled_key.ts";
import type { Layer } from "./layers.ts";
import {
  createMerge,
  hasDistinctKeys,
  isComplete,
  type Merge,
  readCounts,
  updateTexts,
  upsertSql,
} from "./merge.ts";
import { mergesAtOnce } from "./merge_apart.ts";
import { emptyRowsSource, POSITION } from "./rows_source.ts";
import { withAdvice } from "./upsert.ts";
import type { SendAlone } from "./write_alone.ts";
import type { BulkTarget } from "./writer.ts";

/** Upserts few rows with one statement. Returns undefined if that needs a transaction. */
export async function upsertAlone(
  send: SendAlone,
  statement: UpsertStatement,
  target: BulkTarget,
  layer: Layer,
): Promise<Outcome<UpsertStatement> | undefined> {
  const { facts, isInside } = target;
  const { rows, shape, range } = layer;
  const { columns } = shape;
  if (
    isInside || facts.kind === undefined || columns.length === 0 ||
    !mergesAtOnce({ facts })
  ) return undefined;
  const merge = createMerge(statement, target, shape, {
    source: emptyRowsSource(rows),
    position: POSITION,
    columns,
    rows: () => rows,
    isAscending: () => range !== undefined,
  });
  const omitted = statement.conflict.filter((field) =>
    !columns.includes(field)
  );
  /** Whether each row gets a new key. */
  const isNew = omitted.some(isNumbered);
  if (!isNew && (omitted.length > 0 || !isComplete(merge))) return undefined;
  let merged = { inserted: 0, updated: 0 };
  try {
    const count = await send({
      model: statement.model,
      facts,
      layer,
      kind: isNew ? "insert new" : kindOf(merge),
      values: isNew ? [] : updateTexts(merge),
      text(source) {
        const stage = { ...merge.stage, source };
        return isNew
          ? insertNewSql(merge.table, stage)
          : upsertSql({ ...merge, stage });
      },
    }, (row) => void (merged = readCounts(row)));
    if (count === undefined) return undefined;
    if (isNew) merged = { inserted: count, updated: 0 };
  } catch (error) {
    throw withAdvice(error, statement, columns);
  }
  const { inserted, updated } = merged;
  return { inserted, updated, unchanged: rows - inserted - updated };
}

/** What decides the text of an upsert, besides its table and columns. */
function kindOf(
  { statement, collations, set, onUpdate, stage }: Merge,
): string {
  const { conflict, prefer, update } = statement;
  return [
    hasDistinctKeys(stage) ? "upsert in order" : "upsert",
    names(conflict),
    names(set),
    names([...onUpdate.keys()]),
    names(prefer),
    prefer.map((field) => collations.needsC(field)).join(),
    update === undefined ? "" : names(update),
  ].join(" ");
}

function names(fields: readonly Field[]): string {
  return fields.map(({ name }) => name).join();
}
