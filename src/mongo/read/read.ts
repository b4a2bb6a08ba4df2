import type { AbstractCursor, Collection, Document } from "mongodb";
import { SchemaError } from "../../base/errors/mod.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type {
  CountStatement,
  ExistsStatement,
  FindStatement,
} from "../../query/statement/statement.ts";
import { filterOf } from "../compile/condition.ts";
import { type FindCommand, findCommand } from "../compile/find.ts";
import type { CallOptions, Command, MongoLink } from "../link/link.ts";
import { type BytesDecoder, bytesDecoder } from "../codec/bson_rows.ts";

/** Rows that a reply brings at most: few enough that they become rows while the server makes the next ready. */
const READ_BATCH = 5_000;

/** Rows. */
export async function find(
  link: MongoLink,
  statement: FindStatement,
): Promise<object[]> {
  // To MongoDB no documents are all of them.
  if (statement.limit === 0) return [];
  const { model, fields } = statement;
  const command = findCommand(statement);
  const decode = bytesDecoder(model, fields);
  const inOne = statement.limit !== undefined && statement.limit <= READ_BATCH;
  const rows = await link.send({
    table: model.table,
    command: told(command),
    work: async (collection, options) => {
      const cursor = cursorOf(collection, command, READ_BATCH, options);
      try {
        return inOne
          ? decode(await cursor.toArray())
          : await decoded(cursor, decode);
      } catch (error) {
        // No failure of the command's: a transaction can go on after it.
        if (error instanceof SchemaError) return error;
        throw error;
      }
    },
    rows: (rows) => rows instanceof SchemaError ? 0 : rows.length,
  });
  if (rows instanceof SchemaError) throw await named(link, statement, rows);
  return rows;
}

/** An error about a row that breaks its model, with the row's key in it: read once more where the key was not asked for. */
async function named(
  link: MongoLink,
  statement: FindStatement,
  error: unknown,
): Promise<unknown> {
  const { model, fields } = statement;
  const selected = new Set(fields.map(({ name }) => name));
  const key = fieldsNamed(model, model.primaryKey)
    .filter(({ name }) => !selected.has(name));
  if (!(error instanceof SchemaError) || key.length === 0) return error;
  const whole = { ...statement, fields: [...fields, ...key] };
  try {
    for await (const _rows of streamRows(link, whole, READ_BATCH));
  } catch (again) {
    if (again instanceof SchemaError) return again;
  }
  return error;
}

/** All rows of a cursor; a batch becomes rows while the server makes the next ready. */
async function decoded(
  cursor: AbstractCursor<Uint8Array>,
  decode: BytesDecoder,
): Promise<object[]> {
  const rows: object[] = [];
  let more = cursor.hasNext();
  try {
    while (await more) {
      const documents = cursor.readBufferedDocuments();
      more = cursor.hasNext();
      for (const row of decode(documents)) rows.push(row);
    }
  } catch (error) {
    await more.catch(() => {});
    throw error;
  } finally {
    await cursor.close();
  }
  return rows;
}

/**
 * How many there are, counted no further than asked for.
 *
 * @param primary whether what is written next rests on it
 */
export async function count(
  link: MongoLink,
  { model, where, max }: CountStatement,
  primary: boolean,
): Promise<number> {
  if (max === 0) return 0;
  const filter = filterOf(where);
  return await link.send({
    table: model.table,
    command: { name: "count", parts: { filter, limit: max } },
    work: (collection, options) =>
      collection.countDocuments(filter, {
        ...options,
        ...(max === undefined ? {} : { limit: max }),
        ...(primary ? { readPreference: "primary" } : {}),
      }),
    rows: () => 1,
  });
}

/** Whether there is one. */
export async function exists(
  link: MongoLink,
  { model, where }: Pick<ExistsStatement, "model" | "where">,
): Promise<boolean> {
  const filter = filterOf(where);
  const found = await link.send({
    table: model.table,
    command: { name: "find", parts: { filter, limit: 1 } },
    work: (collection, options) =>
      collection.findOne(filter, { ...options, projection: { _id: 1 } }),
    rows: (document) => document === null ? 0 : 1,
  });
  return found !== null;
}

/** Rows in batches; ending the loop closes the server's cursor. */
export async function* streamRows(
  link: MongoLink,
  statement: FindStatement,
  batchSize: number,
): AsyncGenerator<readonly object[]> {
  if (statement.limit === 0) return;
  const { model, fields } = statement;
  const decode = bytesDecoder(model, fields);
  const command = findCommand(statement);
  let cursor: AbstractCursor<Uint8Array> | undefined;
  try {
    for (let first = true;; first = false) {
      const documents = await link.send({
        table: model.table,
        command: first ? told(command) : { name: "getMore" },
        work: async (collection, options) => {
          cursor ??= cursorOf(collection, command, batchSize, options);
          return await cursor.hasNext() ? cursor.readBufferedDocuments() : [];
        },
        rows: ({ length }) => length,
      });
      if (documents.length === 0) break;
      let rows;
      try {
        rows = decode(documents);
      } catch (error) {
        throw await named(link, statement, error);
      }
      yield rows;
    }
  } finally {
    // Its rows are read or unwanted: a cursor that cannot be closed ends by itself.
    await cursor?.close().catch(() => {});
  }
}

function cursorOf(
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
  return collection.find<Uint8Array>(filter, {
    ...options,
    raw: true,
    projection,
    batchSize,
    ...(sort === undefined ? {} : { sort, allowDiskUse: true }),
    ...(skip === undefined ? {} : { skip }),
    ...(limit === undefined ? {} : { limit }),
  });
}

function told(command: FindCommand): Command {
  if (command.kind === "aggregate") {
    return { name: "aggregate", parts: { pipeline: command.pipeline } };
  }
  const { filter, sort, skip, limit } = command;
  return { name: "find", parts: { filter, sort, skip, limit } };
}
