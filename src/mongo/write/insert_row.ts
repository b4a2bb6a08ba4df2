import { BSON } from "../link/mongodb.ts";
import type { InsertRowStatement } from "../../query/statement/statement.ts";
import { assertFilled } from "../../query/write/values.ts";
import { bsonRowDecoder } from "../codec/bson_row_decoder.ts";
import { sizeAssertion } from "../codec/document_size.ts";
import { refuseUnstorable } from "../codec/refusal.ts";
import { encodeNewRow } from "../codec/row_encoder.ts";
import { duplicateKeyError } from "../link/duplicate_key.ts";
import { insertDocuments } from "./base/insert_documents.ts";
import {
  uniqueKeyError,
  uniqueKeys,
  withoutDuplicates,
} from "./base/unique_key.ts";
import type { WriteContext } from "./base/write_context.ts";

/**
 * Inserts a row and returns it as it is stored.
 *
 * @throws {DuplicateKeyError} if another row has the same primary or unique key
 */
export async function insertRow(
  context: WriteContext,
  { model, row }: InsertRowStatement,
): Promise<object> {
  assertFilled(model, row, 0, "MongoDB");
  refuseUnstorable(model, row, 0);
  const document = encodeNewRow(model, row);
  sizeAssertion(model)?.(document, 0);
  if (context.scope !== undefined) {
    // In a transaction, a duplicate key would abort the transaction.
    const { duplicates, duplicateKey } = await withoutDuplicates(
      context.link,
      model,
      uniqueKeys(model),
      [document],
    );
    if (duplicates > 0) throw uniqueKeyError(model, duplicateKey);
  }
  const { duplicates: [duplicate] } = await insertDocuments(context, model, [
    document,
  ]);
  if (duplicate !== undefined) {
    throw duplicateKeyError(model, model.table, duplicate.message);
  }
  const [stored = {}] = bsonRowDecoder(model, model.fields)([
    BSON.serialize(document),
  ]);
  return stored;
}
