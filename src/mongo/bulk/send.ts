import { type Document, ObjectId } from "mongodb";
import type { AnyModel } from "../../model/types.ts";
import type { Place } from "../place.ts";
import { takenIn } from "../taken.ts";

/** What came of documents that were sent. */
export interface Sent {
  /** How many were written. */
  readonly inserted: number;
  /** The places of those whose key is taken, with the server's words. */
  readonly taken: readonly {
    readonly index: number;
    readonly message: string;
  }[];
}

/** Sends new documents; one whose key is taken does not stop the others, except in a transaction, which it ends. */
export async function sendNew(
  { link, undo }: Place,
  model: AnyModel,
  documents: readonly Document[],
): Promise<Sent> {
  if (documents.length === 0) return { inserted: 0, taken: [] };
  const sent = undo === undefined
    ? documents
    : documents.map((document): Document => ({
      _id: new ObjectId(),
      ...document,
    }));
  undo?.making(model, sent.map(({ _id }) => _id));
  return await link.send({
    table: model.table,
    command: { name: "insert", parts: { documents: documents.length } },
    work: async (collection, options): Promise<Sent> => {
      try {
        const { insertedCount } = await collection.insertMany(
          // The driver's type takes no read-only list, though it changes nothing.
          [...sent],
          { ...options, ordered: false, forceServerObjectId: true },
        );
        return { inserted: insertedCount, taken: [] };
      } catch (error) {
        const taken = options.session === undefined
          ? takenIn(error)
          : undefined;
        if (taken === undefined) throw error;
        return { inserted: sent.length - taken.length, taken };
      }
    },
    rows: ({ inserted }) => inserted,
  });
}
