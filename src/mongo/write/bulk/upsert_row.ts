import type { Document } from "mongodb";
import { ValidationError } from "../../../base/errors/mod.ts";
import type { Field } from "../../../model/field.ts";
import type { AnyModel } from "../../../model/types.ts";
import { isLeftToServer } from "../../../model/server_filling.ts";
import { withReadableRows } from "../../../query/checks/unreadable_row.ts";
import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { defaultValue } from "../../../query/write/values.ts";
import { canonicalRowCheck } from "../../codec/canonical.ts";
import { sizeAssertion } from "../../codec/document_size.ts";
import { encodeField } from "../../codec/encode_value.ts";
import { newRowEncoder, partialRowEncoder } from "../../codec/row_encoder.ts";
import { documentsByKey } from "../../read/documents_by_key.ts";
import type { UniqueKey } from "../base/unique_key.ts";
import type { WriteContext } from "../base/write_context.ts";
import type { Entry } from "./batches.ts";

/** A row of an upsert. */
export interface UpsertRow extends Entry {
  /** The given fields, as a document. */
  readonly document: Document;
  /** The values of the `prefer` fields: given, or those of a new row. */
  readonly rank: Document;
  /** The identity of its key, set when its batch is written; undefined if the key contains null, which equals no other key. */
  identity: string | undefined;
  /** Encodes the row as a new one, or throws if required fields are missing; undefined if `document` is a whole new row. */
  readonly encodeNew: (() => Document) | undefined;
  /** Whether the row has all fields that a new row requires. */
  readonly isComplete: boolean;
}

/** The document of a row if it does not exist yet. */
export function newDocumentOf({ document, encodeNew }: UpsertRow): Document {
  return encodeNew === undefined ? document : encodeNew();
}

const NO_RANK: Document = Object.freeze({});

/** The function that encodes the rows of an upsert, or throws. */
export function upsertRowEncoder(
  { model, rows, conflict, prefer }: UpsertStatement,
): (row: object, index: number) => UpsertRow {
  const encodeGiven = partialRowEncoder(model);
  const encodeNew = newRowEncoder(model, true);
  const assertSize = sizeAssertion(model);
  const required = model.fields.filter((field) =>
    isLeftToServer(field) ||
    (!field.nullable && field.default === undefined &&
      field.onUpdate === undefined)
  ).map(({ column }) => column);
  const copy = !Array.isArray(rows);
  const { fields, mongo: { derived } } = model;
  const isCanonicalRow = copy || derived.size > 0
    ? undefined
    : canonicalRowCheck(model);
  return withReadableRows(model, (row, index) => {
    // A whole row in the form of documents is sent as it is.
    const document = typeof row === "object" && row !== null &&
        isCanonicalRow?.(row)
      ? row as Document
      : encodeGiven(row, index);
    assertSize?.(document, index);
    if (conflict.some(({ column }) => document[column] === undefined)) {
      // A key field may have a default; if it has none, the encoder throws.
      const newDocument = encodeNew(row, index);
      for (const { column } of conflict) {
        document[column] ??= newDocument[column];
      }
    }
    const missing = conflict.filter(({ column }) =>
      (document[column] ?? null) === null
    );
    if (missing.length > 0) throw keyless(model, row, missing, index);
    const rank: Document = prefer.length === 0 ? NO_RANK : {};
    for (const field of prefer) {
      const given: unknown = document[field.column];
      const value = given === undefined
        ? encodeField(field, defaultValue(field))
        : given;
      // A required field without a value: the encoder throws, as for a new row.
      if (value === null && !field.nullable) encodeNew(row, index);
      rank[field.column] = value;
    }
    if (derived.size === 0 && Object.keys(document).length === fields.length) {
      return {
        document,
        rank,
        identity: undefined,
        isComplete: true,
        encodeNew: undefined,
      };
    }
    const ownRow = copy ? { ...row } : row;
    return {
      document,
      rank,
      identity: undefined,
      isComplete: required.every((column) => document[column] !== undefined),
      encodeNew: () => encodeNew(ownRow, index),
    };
  });
}

function keyless(
  model: AnyModel,
  row: object,
  missing: readonly Field[],
  index: number,
): ValidationError {
  return new ValidationError(
    model.name,
    missing.map(({ name }) => ({
      index,
      field: name,
      value: Reflect.get(row, name),
      reason: "is required: it is part of the key that finds the row",
    })),
  );
}

/**
 * Refuses, before anything is written, an incomplete row that does not exist.
 *
 * @throws {ValidationError} with its missing fields
 */
export async function refuseIncomplete(
  { link }: WriteContext,
  { model, conflict }: UpsertStatement,
  key: UniqueKey,
  rows: readonly UpsertRow[],
): Promise<void> {
  if (rows.every(({ isComplete }) => isComplete)) return;
  const inserted = new Set<string | undefined>();
  const incomplete: UpsertRow[] = [];
  for (const row of rows) {
    row.identity = key.identityOf(row.document);
    if (row.isComplete) inserted.add(row.identity);
    else if (!inserted.has(row.identity)) incomplete.push(row);
  }
  const existing = await documentsByKey(
    link,
    model,
    conflict,
    incomplete.map(({ document }) => key.valuesOf(document)),
    conflict,
  );
  for (const row of incomplete) {
    const { identity } = row;
    if (identity === undefined || !existing.has(identity)) newDocumentOf(row);
  }
}
