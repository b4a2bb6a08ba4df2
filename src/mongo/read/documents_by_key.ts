import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { keyIdentity, keysFilter, widerFilter } from "../compile/keys.ts";
import type { MongoLink } from "../link/link.ts";
import { documentDecoder } from "./document_decoder.ts";

/** The most documents in one reply. */
const READ_BATCH = 20_000;
/** The wider filter is used while it finds at most this many documents per key, and some more. */
const WIDER_FACTOR = 2;
const WIDER_SLACK = 100;

/**
 * Reads the documents with one of these keys. If the collection
 * has a collation, documents with other texts are found only for a single key.
 *
 * @param fields the fields to read; the whole document, with `_id`, if undefined
 * @param given whole documents, one of which the result has in place of an equal one
 * @param onRepeated called with a document that has the key of another one
 * @returns documents by the identity of their key
 */
export async function documentsByKey(
  link: MongoLink,
  { table }: AnyModel,
  key: readonly Field[],
  keys: readonly (readonly unknown[])[],
  fields?: readonly Field[],
  given: readonly Document[] = [],
  onRepeated: (document: Document) => void = () => {},
): Promise<Map<string, Document>> {
  const byIdentity = new Map<string, Document>();
  if (keys.length === 0) return byIdentity;
  const projection = fields === undefined ? undefined : {
    _id: 0,
    ...Object.fromEntries(fields.map(({ column }) => [column, 1])),
  };
  const decode = given.length === 0 ? undefined : documentDecoder(given);
  const find = (filter: Document, limit: number): Promise<Document[]> =>
    link.send({
      table,
      command: { name: "find", parts: { filter, projection } },
      work: async (collection, options) => {
        const found = {
          ...options,
          ...(projection === undefined ? {} : { projection }),
          batchSize: READ_BATCH,
          limit,
        };
        if (decode === undefined) {
          return await collection.find(filter, found).toArray();
        }
        const raw = { ...found, raw: true };
        return (await collection.find<Uint8Array>(filter, raw).toArray())
          .map(decode);
      },
      rows: ({ length }) => length,
    });
  const limit = keys.length * WIDER_FACTOR + WIDER_SLACK;
  let documents = key.length === 1
    ? undefined
    : await find(widerFilter(key, keys), limit);
  if (documents === undefined || documents.length === limit) {
    documents = await find(keysFilter(key, keys), 0);
  }
  const [onlyKey] = keys;
  if (keys.length === 1 && onlyKey !== undefined) {
    // The server has compared them, by the collation of the collection.
    const identity = keyIdentity(onlyKey);
    const [document, another] = documents;
    if (another !== undefined) onRepeated(another);
    if (identity !== undefined && document !== undefined) {
      byIdentity.set(identity, document);
    }
    return byIdentity;
  }
  const wanted = new Set(keys.map(keyIdentity));
  for (const document of documents) {
    const identity = keyIdentity(key.map(({ column }) => document[column]));
    if (identity !== undefined && wanted.has(identity)) {
      if (byIdentity.has(identity)) onRepeated(document);
      byIdentity.set(identity, document);
    }
  }
  return byIdentity;
}
