import type { Document } from "mongodb";
import { DuplicateKeyError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type {
  GetOrCreateStatement,
  Outcome,
} from "../../query/statement/statement.ts";
import { duplicateKeyError } from "../../query/write/get_or_create.ts";
import { sift, type UniqueKey, uniqueKeys } from "./base/unique_key.ts";
import { sendNew } from "./base/send_new.ts";
import { filterOf } from "../compile/condition.ts";
import { projectionOf } from "../codec/projection.ts";
import { rowDecoder } from "../codec/decode.ts";
import { refuseUnderivable } from "../codec/derived.ts";
import { newDocumentOf } from "../codec/encode.ts";
import type { Place } from "./base/write_context.ts";
import { keyName } from "../schema/collection.ts";

/** How often `getOrCreate` looks again for a row that others make and remove. */
const TRIES = 5;

type Made = Outcome<GetOrCreateStatement>;

/** The row that matches, or a new one: one round trip where the server can do both. */
export async function getOrCreate(
  place: Place,
  { model, where, row }: GetOrCreateStatement,
): Promise<Made> {
  const decode = rowDecoder(model, model.fields);
  const filter = filterOf(where);
  refuseUnderivable(model, row, 0);
  const document = newDocumentOf(model, row);
  const once = place.scope !== undefined || !isUpsertable(filter)
    ? inTwoSteps
    : inOneStep;
  let key: UniqueKey | undefined;
  for (let tries = 0; tries < TRIES && key === undefined; tries++) {
    const made = await once(place, model, filter, document);
    if (made === undefined) continue;
    if (!("taken" in made)) {
      return { row: decode(made.document), created: made.created };
    }
    key = made.taken;
  }
  key ??= await takenBy(place, model, document);
  throw duplicateKeyError(
    model,
    key === undefined ? {} : {
      constraint: keyName(model, key.fields),
      fields: key.fields.map(({ name }) => name),
    },
  );
}

/** What came of one attempt: undefined where others were in the way. */
type Attempt =
  | { readonly document: Document; readonly created: boolean }
  | { readonly taken: UniqueKey }
  | undefined;

/** The key of a new document that another has. */
async function takenBy(
  { link }: Place,
  model: AnyModel,
  document: Document,
): Promise<UniqueKey | undefined> {
  return (await sift(link, model, uniqueKeys(model), [document])).key;
}

async function inOneStep(
  { link }: Place,
  model: AnyModel,
  filter: Document,
  document: Document,
): Promise<Attempt> {
  const update = { $setOnInsert: document };
  try {
    return await link.send({
      table: model.table,
      command: { name: "findAndModify", parts: { filter, update } },
      work: async (collection, options): Promise<Attempt> => {
        const { value, lastErrorObject } = await collection.findOneAndUpdate(
          filter,
          update,
          {
            ...options,
            upsert: true,
            returnDocument: "after",
            includeResultMetadata: true,
            projection: projectionOf(model, model.fields),
          },
        );
        return value === null ? undefined : {
          document: value,
          created: lastErrorObject?.updatedExisting === false,
        };
      },
      rows: () => 1,
    });
  } catch (error) {
    if (error instanceof DuplicateKeyError) return undefined;
    throw error;
  }
}

/** Looks before it writes: in a transaction a key that is taken would be the end of it. */
async function inTwoSteps(
  place: Place,
  model: AnyModel,
  filter: Document,
  document: Document,
): Promise<Attempt> {
  const there = await place.link.send({
    table: model.table,
    command: { name: "find", parts: { filter, limit: 1 } },
    work: (collection, options) =>
      collection.findOne(filter, {
        ...options,
        projection: projectionOf(model, model.fields),
        readPreference: "primary",
      }),
    rows: (found) => found === null ? 0 : 1,
  });
  if (there !== null) return { document: there, created: false };
  if (place.scope !== undefined) {
    const taken = await takenBy(place, model, document);
    if (taken !== undefined) return { taken };
  }
  const { inserted } = await sendNew(place, model, [document]);
  return inserted === 1 ? { document, created: true } : undefined;
}

/** Whether the server takes a filter with an upsert, which none with an expression is. */
function isUpsertable(filter: unknown): boolean {
  if (typeof filter !== "object" || filter === null) return true;
  return Object.entries(filter).every(([key, value]) =>
    key !== "$expr" && (key === "$eq" || isUpsertable(value))
  );
}
