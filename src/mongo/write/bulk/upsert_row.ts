import type { Document } from "mongodb";
import { ValidationError } from "../../../base/errors/mod.ts";
import type { Field } from "../../../model/field.ts";
import type { AnyModel } from "../../../model/types.ts";
import { isLeftToServer } from "../../../model/server_filling.ts";
import { withReadableRows } from "../../../query/checks/unreadable_row.ts";
import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { defaultValue } from "../../../query/write/values.ts";
import {
  canonicalRowCheck,
  canonicalRowCopier,
} from "../../codec/canonical.ts";
import { sizeAssertion } from "../../codec/document_size.ts";
import { encodeField } from "../../codec/encode_value.ts";
import { newRowEncoder, partialRowEncoder } from "../../codec/row_encoder.ts";
import { documentsByKey } from "../../read/documents_by_key.ts";
import type { UniqueKey } from "../base/unique_key.ts";
import type { WriteContext } from "../base/write_context.ts";

/**
 * A row of an upsert. It is a class, because V8 allocates the objects of a
 * literal among its old ones if many of them live until they are sent, and they
 * then keep their documents until the next full collection.
 */
export class UpsertRow {
  /** The identity of its key, set when its batch is written; undefined if the key contains null, which equals no other key. */
  identity: string | undefined = undefined;

  /**
   * @param document the given fields
   * @param rank the values of the `prefer` fields: given, or those of a new row
   * @param isComplete whether the row has all fields that a new row requires
   * @param encodeNew encodes the row as a new one, or throws if required fields are missing; undefined if `document` is a whole new row
   */
  constructor(
    readonly document: Document,
    readonly rank: Document,
    readonly isComplete: boolean,
    readonly encodeNew: (() => Document) | undefined,
  ) {}
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
  const wholeRow = derived.size > 0 ? undefined : wholeRowEncoder(model, copy);
  return withReadableRows(model, (row, index) => {
    const document = wholeRow?.(row) ?? encodeGiven(row, index);
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
      return new UpsertRow(document, rank, true, undefined);
    }
    const ownRow = copy ? { ...row } : row;
    return new UpsertRow(
      document,
      rank,
      required.every((column) => document[column] !== undefined),
      () => encodeNew(ownRow, index),
    );
  });
}

/** The function that returns the document of a whole row in the form of documents: the row itself, or a copy; undefined for other rows. */
function wholeRowEncoder(
  model: AnyModel,
  copy: boolean,
): ((row: object) => Document | undefined) | undefined {
  const isCanonical = canonicalRowCheck(model);
  if (isCanonical === undefined) return undefined;
  const encode = copy
    ? canonicalRowCopier(model)
    : (row: object) => isCanonical(row) ? row : undefined;
  // The type does not keep programs without types from giving another value.
  return (row) =>
    typeof row === "object" && row !== null ? encode?.(row) : undefined;
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
