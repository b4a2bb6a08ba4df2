import type { Field } from "../../model/field.ts";
import { isNeverUpdated } from "../../model/server_filling.ts";
import type { UpsertStatement } from "../../query/statement/statement.ts";
import { onUpdateValues, type Values } from "../../query/write/values.ts";
import type { Collations } from "../codec/collations.ts";
import { type Sql, tableOf } from "../codec/sql_piece.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import type { Shape } from "./layer.ts";
import { hasDistinctKeys, type StagedRows } from "./stage.ts";
import type { BulkTarget } from "./writer.ts";

/** The input of a merge. */
export interface Merge {
  readonly statement: UpsertStatement;
  readonly facts: TableFacts;
  readonly table: Sql;
  /** How the columns of the table compare text. */
  readonly collations: Collations;
  readonly shape: Shape;
  readonly stage: StagedRows;
  /** Whether the rows are known to have different keys. */
  readonly isDistinct: boolean;
  /** The fields that a winning row overwrites, including `prefer`, because the next row is compared with the winner. */
  readonly set: readonly Field[];
  /** The results of `onUpdate`, which every update sets. */
  readonly onUpdate: Values;
}

/** Prepares the merge of a stage into a table. */
export function createMerge(
  statement: UpsertStatement,
  { facts, schema, collations }: BulkTarget,
  shape: Shape,
  stage: StagedRows,
): Merge {
  const table = tableOf(statement.model, schema);
  const set = fieldsToSet(statement, shape);
  const onUpdate = set.length === 0
    ? new Map()
    : onUpdateValues(statement.model, new Set([...shape.given, ...set]));
  return {
    statement,
    facts,
    table,
    collations,
    shape,
    stage,
    isDistinct: hasDistinctKeys(stage),
    set,
    onUpdate,
  };
}

/** Whether rows of this shape have all fields that a new row requires. */
export function isComplete(
  { statement: { model }, shape: { columns } }: Merge,
): boolean {
  return model.fields.every((field) =>
    field.nullable || field.filled !== undefined || columns.includes(field)
  );
}

function fieldsToSet(
  { update, conflict, prefer }: UpsertStatement,
  { given, columns }: Shape,
): readonly Field[] {
  const requested = (update ?? given).filter((field) => given.includes(field));
  const set = new Set(update?.length === 0 ? [] : [...requested, ...prefer]);
  return columns.filter((field) =>
    set.has(field) && !conflict.includes(field) && !isNeverUpdated(field)
  );
}
