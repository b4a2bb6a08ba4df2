import { type Document, ObjectId } from "mongodb";
import type { AnyModel } from "../../../model/types.ts";
import type { Place } from "./write_context.ts";
import { settled } from "../../driver/write_outcome.ts";
import { takenIn } from "../../link/duplicate_key.ts";
import type { Tally } from "./row_fates.ts";

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

/** The same, told to a tally; one whose key is taken is not written, or passed over. */
export async function sendTold(
  place: Place,
  model: AnyModel,
  documents: readonly Document[],
  tally: Pick<Tally, "add">,
  passOver = false,
): Promise<Sent> {
  const at = (places: readonly number[]): readonly Document[] =>
    places.flatMap((place) => documents[place] ?? []);
  try {
    const sent = await sendNew(place, model, documents);
    const refused = new Set(sent.taken.map(({ index }) => index));
    if (refused.size === 0) tally.add("written", documents);
    else {
      tally.add("written", documents.filter((_, place) => !refused.has(place)));
      if (!passOver) tally.add("unwritten", at([...refused]));
    }
    return sent;
  } catch (error) {
    const fates = settled(error, documents.length, false);
    tally.add("written", at(fates.written));
    tally.add("unwritten", at(fates.unwritten));
    tally.add("unknown", at(fates.unknown));
    if (!passOver) tally.add("unwritten", at(fates.taken));
    throw error;
  }
}
