import type {
  AbstractCursor,
  Collection,
  Document,
  FindOptions,
} from "mongodb";
import { QueryError, SchemaError } from "../../base/errors/mod.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { FindStatement } from "../../query/statement/statement.ts";
import {
  type BsonRowDecoder,
  bsonRowDecoder,
} from "../codec/bson_row_decoder.ts";
import { compileFilters } from "../compile/filter.ts";
import { type FindCommand, findCommand } from "../compile/find_command.ts";
import type { CallOptions, Command, MongoLink } from "../link/link.ts";
import type { ReadContext } from "./read_context.ts";
import { refuseCollatedParts } from "./refuse_collated_parts.ts";
import { mergeParts } from "./merge_parts.ts";

/** The most rows in one reply: few enough to be decoded while the server prepares the next. */
const READ_BATCH = 5_000;
/** The most rows that the server's first reply holds if no batch size is given. */
const FIRST_BATCH = 101;

/** Reads rows. */
export async function find(
  context: ReadContext,
  statement: FindStatement,
): Promise<object[]> {
  if (statement.lock !== undefined) {
    const { name } = statement.model;
    throw new QueryError(
      `Cannot lock rows of ${name}: MongoDB has no row locks. Mark a row as taken with updateAll, whose filter requires that it is free: one caller changes it, and the others get 0`,
      { model: name, field: "lock" },
    );
  }
  // To MongoDB, a limit of 0 is no limit.
  if (statement.limit === 0) return [];
  const filters = compileFilters(statement.model, statement.where);
  const [filter] = filters;
  if (filters.length === 1 && filter !== undefined) {
    return await findPart(context.link, statement, filter);
  }
  const rows: object[] = [];
  const batches = streamParts(context, statement, filters, READ_BATCH);
  for await (const batch of batches) for (const row of batch) rows.push(row);
  return rows;
}

/** Reads rows in batches. Ending the loop closes the server's cursor. */
export function streamRows(
  context: ReadContext,
  statement: FindStatement,
  batchSize: number,
): AsyncGenerator<readonly object[]> {
  const filters = compileFilters(statement.model, statement.where);
  const [filter] = filters;
  return filters.length === 1 && filter !== undefined
    ? streamPart(context.link, statement, filter, batchSize)
    : streamParts(context, statement, filters, batchSize);
}

async function* streamParts(
  context: ReadContext,
  statement: FindStatement,
  filters: readonly Document[],
  batchSize: number,
): AsyncGenerator<readonly object[]> {
  await refuseCollatedParts(context, statement.model);
  yield* mergeParts(
    statement,
    filters.map((filter) => (part) =>
      streamPart(context.link, part, filter, batchSize)
    ),
    batchSize,
  );
}

/** Reads the rows of one filter. */
async function findPart(
  link: MongoLink,
  statement: FindStatement,
  filter: Document,
): Promise<object[]> {
  const { model, fields, limit } = statement;
  const command = findCommand(statement, filter);
  const decode = bsonRowDecoder(model, fields);
  const isOneBatch = limit !== undefined && limit <= READ_BATCH;
  const rows = await link.send({
    table: model.table,
    command: reportedCommand(command),
    work: async (collection, options) => {
      const cursor = openCursor(collection, command, READ_BATCH, options);
      try {
        return isOneBatch
          ? decode(await readDocuments(cursor))
          : await decodeBatches(cursor, decode);
      } catch (error) {
        // The command itself did not fail: the transaction can continue.
        if (error instanceof SchemaError) return error;
        throw error;
      }
    },
    rows: (rows) => rows instanceof SchemaError ? 0 : rows.length,
  });
  if (rows instanceof SchemaError) {
    throw await withRowKey(link, statement, filter, rows);
  }
  return rows;
}

/** Reads all documents of a cursor, without the driver's promise for each. */
async function readDocuments(
  cursor: AbstractCursor<Uint8Array>,
): Promise<readonly Uint8Array[]> {
  let documents: readonly Uint8Array[] = [];
  while (await cursor.hasNext()) {
    const batch = cursor.readBufferedDocuments();
    documents = documents.length === 0 ? batch : [...documents, ...batch];
    // The server has sent all, and the cursor is closed.
    if (cursor.closed) break;
  }
  return documents;
}

/** Decodes all rows of a cursor, each batch while the server prepares the next. */
async function decodeBatches(
  cursor: AbstractCursor<Uint8Array>,
  decode: BsonRowDecoder,
): Promise<object[]> {
  const rows: object[] = [];
  let next = cursor.hasNext();
  try {
    while (await next) {
      const documents = cursor.readBufferedDocuments();
      next = cursor.hasNext();
      for (const row of decode(documents)) rows.push(row);
    }
  } catch (error) {
    await next.catch(() => {});
    throw error;
  } finally {
    await cursor.close();
  }
  return rows;
}

/** Reads the rows of one filter in batches. */
async function* streamPart(
  link: MongoLink,
  statement: FindStatement,
  filter: Document,
  batchSize: number,
): AsyncGenerator<readonly object[]> {
  if (statement.limit === 0) return;
  const { model, fields } = statement;
  const decode = bsonRowDecoder(model, fields);
  const command = findCommand(statement, filter);
  const own = link.cursorLink?.();
  let cursor: AbstractCursor<Uint8Array> | undefined;
  try {
    for (let isFirst = true;; isFirst = false) {
      const documents = await (own ?? link).send({
        table: model.table,
        command: isFirst ? reportedCommand(command) : { name: "getMore" },
        work: async (collection, options) => {
          cursor ??= openCursor(collection, command, batchSize, options);
          return await cursor.hasNext() ? cursor.readBufferedDocuments() : [];
        },
        rows: ({ length }) => length,
      });
      if (documents.length === 0) break;
      let rows;
      try {
        rows = decode(documents);
      } catch (error) {
        throw await withRowKey(link, statement, filter, error);
      }
      yield rows;
    }
  } finally {
    // If the cursor cannot be closed, the server closes it after a while.
    await cursor?.close().catch(() => {});
    await own?.end();
  }
}

/** The error about a row that does not fit its model, with the row's key. If the statement does not select the key, it reads the rows again. */
export async function withRowKey(
  link: MongoLink,
  statement: FindStatement,
  filter: Document,
  error: unknown,
): Promise<unknown> {
  const { model, fields } = statement;
  const selected = new Set(fields.map(({ name }) => name));
  const key = fieldsNamed(model, model.primaryKey)
    .filter(({ name }) => !selected.has(name));
  if (!(error instanceof SchemaError) || key.length === 0) return error;
  const withKey = { ...statement, fields: [...fields, ...key] };
  try {
    for await (const _rows of streamPart(link, withKey, filter, READ_BATCH));
  } catch (errorWithKey) {
    if (errorWithKey instanceof SchemaError) return errorWithKey;
  }
  return error;
}

function openCursor(
  collection: Collection<Document>,
  command: FindCommand,
  batchSize: number,
  options: CallOptions,
): AbstractCursor<Uint8Array> {
  if (command.kind === "aggregate") {
    return collection.aggregate<Uint8Array>(command.pipeline, {
      ...options,
      raw: true,
      batchSize,
      allowDiskUse: true,
    });
  }
  const { filter, projection, sort, skip, limit } = command;
  const given: FindOptions = { ...options, raw: true };
  if (projection !== undefined) given.projection = projection;
  if (limit === undefined || limit > FIRST_BATCH) given.batchSize = batchSize;
  if (sort !== undefined) {
    given.sort = sort;
    given.allowDiskUse = true;
  }
  if (skip !== undefined) given.skip = skip;
  if (limit !== undefined) given.limit = limit;
  return collection.find<Uint8Array>(filter, given);
}

function reportedCommand(command: FindCommand): Command {
  if (command.kind === "aggregate") {
    return { name: "aggregate", parts: { pipeline: command.pipeline } };
  }
  const { filter, sort, skip, limit } = command;
  return { name: "find", parts: { filter, sort, skip, limit } };
}
