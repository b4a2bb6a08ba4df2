import type { Document } from "mongodb";
import { ObjectId } from "../../link/mongodb.ts";
import type { AnyModel } from "../../../model/types.ts";
import { writeOutcome } from "../../driver/write_outcome.ts";
import { type Duplicate, duplicatesIn } from "../../link/duplicate_key.ts";
import type { RowStates } from "./row_states.ts";
import type { WriteContext } from "./write_context.ts";

/** The result of an insert. */
export interface InsertResult {
  /** The number of documents that were written. */
  readonly inserted: number;
  /** The documents that were refused because a unique key already exists. */
  readonly duplicates: readonly Duplicate[];
}

/** Inserts documents. A duplicate does not stop the others; in a transaction it fails the command. */
export async function insertDocuments(
  { link, undoLog }: WriteContext,
  model: AnyModel,
  documents: readonly Document[],
): Promise<InsertResult> {
  if (documents.length === 0) return { inserted: 0, duplicates: [] };
  const sent = undoLog === undefined
    ? documents
    : documents.map((document): Document => ({
      _id: new ObjectId(),
      ...document,
    }));
  undoLog?.recordInserts(model, sent.map(({ _id }) => _id));
  return await link.send({
    table: model.table,
    command: { name: "insert", parts: { documents: documents.length } },
    work: async (collection, options): Promise<InsertResult> => {
      try {
        const [only] = sent;
        if (sent.length === 1 && only !== undefined) {
          await collection.insertOne(only, {
            ...options,
            forceServerObjectId: true,
          });
          return { inserted: 1, duplicates: [] };
        }
        // insertMany wraps each document in two objects, which V8 may keep, with the document, until the next full collection.
        const bulk = collection.initializeUnorderedBulkOp({
          ...options,
          forceServerObjectId: true,
        });
        for (const document of sent) bulk.insert(document);
        const { insertedCount } = await bulk.execute(options);
        return { inserted: insertedCount, duplicates: [] };
      } catch (error) {
        const duplicates = options.session === undefined
          ? duplicatesIn(error)
          : undefined;
        if (duplicates === undefined) throw error;
        return { inserted: sent.length - duplicates.length, duplicates };
      }
    },
    rows: ({ inserted }) => inserted,
  });
}

/**
 * Inserts documents and adds their states.
 *
 * @param ignoreDuplicates whether duplicates are ignored, and so have no state
 */
export async function insertTracked(
  context: WriteContext,
  model: AnyModel,
  documents: readonly Document[],
  states: Pick<RowStates, "add">,
  ignoreDuplicates = false,
): Promise<InsertResult> {
  const documentsAt = (indexes: readonly number[]): readonly Document[] =>
    indexes.flatMap((index) => documents[index] ?? []);
  try {
    const result = await insertDocuments(context, model, documents);
    const refused = new Set(result.duplicates.map(({ index }) => index));
    if (refused.size === 0) states.add("written", documents);
    else {
      states.add(
        "written",
        documents.filter((_, index) => !refused.has(index)),
      );
      if (!ignoreDuplicates) {
        states.add("unwritten", documentsAt([...refused]));
      }
    }
    return result;
  } catch (error) {
    const outcome = writeOutcome(error, documents.length, false);
    states.add("written", documentsAt(outcome.written));
    states.add("unwritten", documentsAt(outcome.unwritten));
    states.add("unknown", documentsAt(outcome.unknown));
    if (!ignoreDuplicates) {
      states.add("unwritten", documentsAt(outcome.duplicate));
    }
    throw error;
  }
}
