import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { identityOf, keysFilter, widerFilter } from "../compile/keys.ts";
import type { MongoLink } from "../link/link.ts";

/** Documents a reply may bring before the next is asked for. */
export const READ_BATCH = 20_000;
/** How many documents the wider filter may find for each key before the exact one is cheaper. */
const WASTE = 2;
const SLACK = 100;

/**
 * The documents with one of these keys, by the key's identity.
 *
 * @param fields which fields of them; all, with `_id`, where undefined
 */
export async function documentsByKey(
  link: MongoLink,
  { table }: AnyModel,
  key: readonly Field[],
  keys: readonly (readonly unknown[])[],
  fields?: readonly Field[],
): Promise<Map<string, Document>> {
  const found = new Map<string, Document>();
  if (keys.length === 0) return found;
  const projection = fields === undefined ? undefined : {
    _id: 0,
    ...Object.fromEntries(fields.map(({ column }) => [column, 1])),
  };
  const find = (filter: Document, limit: number): Promise<Document[]> =>
    link.send({
      table,
      command: { name: "find", parts: { filter, projection } },
      work: (collection, options) =>
        collection.find(filter, {
          ...options,
          ...(projection === undefined ? {} : { projection }),
          batchSize: READ_BATCH,
          limit,
          // What is written next rests on it.
          readPreference: "primary",
        }).toArray(),
      rows: ({ length }) => length,
    });
  const limit = keys.length * WASTE + SLACK;
  let documents = key.length === 1
    ? undefined
    : await find(widerFilter(key, keys), limit);
  if (documents === undefined || documents.length === limit) {
    documents = await find(keysFilter(key, keys), 0);
  }
  const wanted = new Set(keys.map(identityOf));
  for (const document of documents) {
    const identity = identityOf(key.map(({ column }) => document[column]));
    if (identity !== undefined && wanted.has(identity)) {
      found.set(identity, document);
    }
  }
  return found;
}
