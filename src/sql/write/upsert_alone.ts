import type { Field } from "../../model/field.ts";
import { isNumbered } from "../../model/server_filling.ts";
import type {
  Outcome,
  UpsertStatement,
} from "../../query/statement/statement.ts";
import { modelRows } from "../codec/model_rows.ts";
import { sql } from "../link/kysely.ts";
import { areReadable } from "./are_readable.ts";
import { insertNewSql } from "./filled_key.ts";
import type { Layer } from "./layer.ts";
import { createMerge, isComplete, type Merge } from "./create_merge.ts";
import { readCount, readCounts, updateTexts, upsertSql } from "./merge.ts";
import { mergesAtOnce } from "./merge_apart.ts";
import { POSITION } from "./rows_source.ts";
import { returnedKind, returningClause } from "./send_write.ts";
import { hasDistinctKeys } from "./stage.ts";
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
    isInside || !statement.isUnique || facts.kind === undefined ||
    columns.length === 0 ||
    !mergesAtOnce({ facts })
  ) return undefined;
  const merge = createMerge(statement, target, shape, {
    source: POSITION,
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
  const { model, returning } = statement;
  if (
    returning !== undefined && !areReadable(
      returning,
      isNew ? columns : overwritten(merge),
      facts,
    )
  ) return undefined;
  const isCounted = rows > 1 && returning === undefined;
  const written: object[] = [];
  let merged = { inserted: 0, updated: 0 };
  try {
    const count = await send(
      {
        model,
        facts,
        layer,
        kind: `${isNew ? "insert new" : kindOf(merge)}${
          returnedKind(returning)
        }`,
        values: isNew ? [] : updateTexts(merge),
        text(source) {
          const stage = { ...merge.stage, source };
          return isNew
            ? sql`${insertNewSql(merge.table, stage)}${
              returningClause(returning)
            }`
            : upsertSql({ ...merge, stage }, isCounted);
        },
      },
      returning === undefined
        ? (row) => void (merged = isCounted ? readCounts(row) : readCount(row))
        : modelRows(model, returning, (row, isInserted) => {
          written.push(row);
          merged[isInserted ? "inserted" : "updated"]++;
        }),
    );
    if (count === undefined) return undefined;
    if (isNew) merged = { inserted: count, updated: 0 };
  } catch (error) {
    throw withAdvice(error, statement, columns);
  }
  const { inserted, updated } = merged;
  const outcome = { inserted, updated, unchanged: rows - inserted - updated };
  return returning === undefined ? outcome : { ...outcome, rows: written };
}

/** The fields that have the given values in every row that a merge writes. */
function overwritten(
  { statement: { conflict, merge }, set }: Merge,
): readonly Field[] {
  return [...conflict, ...set.filter((field) => !merge.has(field))];
}

/** What decides the text of an upsert, besides the shape of its rows. */
function kindOf({ statement, collations, stage }: Merge): string {
  const { prefer, update, merge } = statement;
  const needC = [...prefer, ...merge.keys()].map((field) =>
    collations.needsC(field)
  );
  const rules = [...merge].map(([{ name }, rule]) => `${name}:${rule}`);
  return [
    hasDistinctKeys(stage) ? "upsert in order" : "upsert",
    needC.join(),
    update === undefined ? "all" : update.map(({ name }) => name).join(),
    rules.join(),
  ].join(" ");
}
