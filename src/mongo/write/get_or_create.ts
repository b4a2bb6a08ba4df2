import type { Document } from "mongodb";
import { BSON } from "../link/mongodb.ts";
import { DuplicateKeyError, withOutcome } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type {
  GetOrCreateStatement,
  Outcome,
} from "../../query/statement/statement.ts";
import { keyTakenError } from "../../query/write/get_or_create.ts";
import { assertFilled } from "../../query/write/values.ts";
import { bsonRowDecoder } from "../codec/bson_row_decoder.ts";
import { refuseUnstorable } from "../codec/refusal.ts";
import { encodeNewRow } from "../codec/row_encoder.ts";
import { compileFilter } from "../compile/filter.ts";
import { projectionOf } from "../compile/find_command.ts";
import { isMongoError } from "../link/mongo_error.ts";
import { keyName } from "../schema/collection.ts";
import { insertDocuments } from "./base/insert_documents.ts";
import {
  type UniqueKey,
  uniqueKeys,
  withoutDuplicates,
} from "./base/unique_key.ts";
import type { WriteContext } from "./base/write_context.ts";

/** Attempts while other writers insert and delete the same row. */
const ATTEMPTS = 5;

/** Finds the matching row, or creates it: in one round trip if the server can. */
export async function getOrCreate(
  context: WriteContext,
  { model, where, row }: GetOrCreateStatement,
): Promise<Outcome<GetOrCreateStatement>> {
  const decode = bsonRowDecoder(model, model.fields);
  const rowOf = (bytes: Uint8Array): object => {
    try {
      return decode([bytes])[0] ?? {};
    } catch (error) {
      // The collection holds the row, whether this call created it or not.
      throw withOutcome(error, "applied");
    }
  };
  const filter = compileFilter(model, where);
  refuseUnstorable(model, row, 0);
  if (model.fields.some((field) => !row.has(field))) {
    // On MongoDB nothing fills the missing fields, so the row can only be found.
    const bytes = await findExisting(context, model, filter);
    if (bytes !== undefined) return { row: rowOf(bytes), created: false };
    assertFilled(model, row, 0, "MongoDB");
  }
  const document = encodeNewRow(model, row);
  const findOrInsert = context.scope !== undefined || !canUpsert(filter)
    ? findThenInsert
    : findAndUpsert;
  let key: UniqueKey | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS && key === undefined; attempt++) {
    const result = await findOrInsert(context, model, filter, document);
    if (result === undefined) continue;
    if ("duplicateKey" in result) key = result.duplicateKey;
    else return { row: rowOf(result.bytes), created: result.created };
  }
  key ??= await findDuplicateKey(context, model, document);
  throw keyTakenError(
    model,
    key === undefined ? {} : {
      constraint: keyName(model, key.fields),
      fields: key.fields.map(({ name }) => name),
    },
  );
}

/** The result of one attempt; undefined if another writer interfered. */
type AttemptResult =
  | { readonly bytes: Uint8Array; readonly created: boolean }
  | { readonly duplicateKey: UniqueKey }
  | undefined;

/** The unique key of a new document that an existing document has. */
async function findDuplicateKey(
  { link }: WriteContext,
  model: AnyModel,
  document: Document,
): Promise<UniqueKey | undefined> {
  const keys = uniqueKeys(model);
  return (await withoutDuplicates(link, model, keys, [document])).duplicateKey;
}

async function findAndUpsert(
  { link }: WriteContext,
  model: AnyModel,
  filter: Document,
  document: Document,
): Promise<AttemptResult> {
  const update = { $setOnInsert: document };
  const projected = projectionOption(model);
  try {
    return await link.send({
      table: model.table,
      command: { name: "findAndModify", parts: { filter, update } },
      work: async (collection, options): Promise<AttemptResult> => {
        const { value, lastErrorObject } = await collection.findOneAndUpdate(
          filter,
          update,
          {
            ...options,
            raw: true,
            upsert: true,
            returnDocument: "after",
            includeResultMetadata: true,
            ...projected,
          },
        ).catch((error) => {
          throw withPlainDetails(error);
        });
        if (!(value instanceof Uint8Array)) return undefined;
        const created = lastErrorObject instanceof Uint8Array &&
          BSON.deserialize(lastErrorObject).updatedExisting === false;
        return { bytes: value, created };
      },
      rows: () => 1,
    });
  } catch (error) {
    if (error instanceof DuplicateKeyError) return undefined;
    throw error;
  }
}

/** The driver's option that leaves out properties that are not fields. */
function projectionOption(model: AnyModel): { projection?: Document } {
  const projection = projectionOf(model, model.fields);
  return projection === undefined ? {} : { projection };
}

/** Returns the error of a command with the option `raw`, whose details are bytes, with its details as a document. */
function withPlainDetails(error: unknown): unknown {
  if (
    error instanceof Error && isMongoError(error) &&
    error.errInfo instanceof Uint8Array
  ) Reflect.set(error, "errInfo", BSON.deserialize(error.errInfo));
  return error;
}

/** Reads before it writes: in a transaction, a duplicate key would abort the transaction. */
async function findThenInsert(
  context: WriteContext,
  model: AnyModel,
  filter: Document,
  document: Document,
): Promise<AttemptResult> {
  const existing = await findExisting(context, model, filter);
  if (existing !== undefined) return { bytes: existing, created: false };
  if (context.scope !== undefined) {
    const duplicateKey = await findDuplicateKey(context, model, document);
    if (duplicateKey !== undefined) return { duplicateKey };
  }
  const { inserted } = await insertDocuments(context, model, [document]);
  return inserted === 1
    ? { bytes: BSON.serialize(document), created: true }
    : undefined;
}

async function findExisting(
  { link }: WriteContext,
  model: AnyModel,
  filter: Document,
): Promise<Uint8Array | undefined> {
  const projected = projectionOption(model);
  const [existing] = await link.send({
    table: model.table,
    command: { name: "find", parts: { filter, limit: 1 } },
    work: (collection, options) =>
      collection.find<Uint8Array>(filter, {
        ...options,
        raw: true,
        limit: 1,
        ...projected,
      }).toArray(),
    rows: ({ length }) => length,
  });
  return existing;
}

/** Whether the server accepts a filter in an upsert: it must not contain `$expr`. */
function canUpsert(filter: unknown): boolean {
  if (typeof filter !== "object" || filter === null) return true;
  return Object.entries(filter).every(([key, value]) =>
    key !== "$expr" && (key === "$eq" || canUpsert(value))
  );
}
