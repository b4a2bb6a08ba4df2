import type { Document } from "mongodb";
import type { InsertStatement, Outcome } from "../../query/ast.ts";
import { newRowEncoder } from "../encode.ts";
import { failedAfter } from "../partly.ts";
import type { Place } from "../place.ts";
import { batches, type Entry } from "./batches.ts";
import { sift, taken, type UniqueKey, uniqueKeys } from "./keys.ts";
import { sendNew } from "./send.ts";

/** Batches that are on their way at a time. */
const IN_FLIGHT = 2;
/** The share of refused documents from which keys are looked at first. */
const MANY = 0.05;

/** Writes new rows. Outside a transaction each batch is written by itself; what was written before one fails is said. */
export async function insert(
  place: Place,
  statement: InsertStatement,
): Promise<Outcome<InsertStatement>> {
  const { model, rows } = statement;
  const encode = newRowEncoder(model, !Array.isArray(rows));
  const source = batches(
    rows,
    (row, index): Entry => ({ document: encode(row, index) }),
  );
  const outcome = { inserted: 0, ignored: 0 };
  try {
    if (place.scope !== undefined || statement.onConflict === "error") {
      await insertSifted(place, statement, source, outcome);
    } else await insertAll(place, statement, source, outcome);
  } catch (error) {
    throw failedAfter(place, error, outcome.inserted);
  }
  return outcome;
}

/** Looks keys up before it writes. */
async function insertSifted(
  place: Place,
  { model, onConflict }: InsertStatement,
  source: AsyncIterable<readonly Entry[]>,
  outcome: { inserted: number; ignored: number },
): Promise<void> {
  const keys = uniqueKeys(model);
  for await (const batch of source) {
    const documents = batch.map(({ document }) => document);
    await place.together(async () => {
      const sifted = await sift(place.link, model, keys, documents);
      if (sifted.taken > 0 && onConflict === "error") {
        throw taken(model, sifted.key);
      }
      const sent = await sendNew(place, model, sifted.free);
      outcome.inserted += sent.inserted;
      outcome.ignored += sifted.taken + sent.taken.length;
      if (sent.taken.length > 0 && onConflict === "error") {
        throw taken(model, keys[0]);
      }
    });
  }
}

/** Sends batches as they come and lets the server say whose key is taken. */
async function insertAll(
  place: Place,
  { model }: InsertStatement,
  source: AsyncIterable<readonly Entry[]>,
  outcome: { inserted: number; ignored: number },
): Promise<void> {
  const keys = uniqueKeys(model);
  const flying = new Map<Promise<void>, readonly Set<unknown>[]>();
  let failed: unknown;
  const send = async (documents: readonly Document[]): Promise<void> => {
    const { free } = place.colliding.has(model)
      ? await sift(place.link, model, keys, documents)
      : { free: documents };
    const { inserted } = await sendNew(place, model, free);
    const ignored = documents.length - inserted;
    outcome.inserted += inserted;
    outcome.ignored += ignored;
    // A look at the keys costs little; a refused document costs more than a written one.
    if (ignored > documents.length * MANY) place.colliding.add(model);
    else place.colliding.delete(model);
  };
  try {
    for await (const batch of source) {
      const documents = batch.map(({ document }) => document);
      const identities = identitiesOf(keys, documents);
      // Of two rows with one key the first counts, so the later waits until it is written.
      for (const [sending, others] of flying) {
        if (overlap(identities, others)) await sending;
      }
      if (flying.size >= IN_FLIGHT) await Promise.race(flying.keys());
      if (failed !== undefined) break;
      const sending: Promise<void> = send(documents)
        .catch((error) => void (failed ??= error))
        .finally(() => flying.delete(sending));
      flying.set(sending, identities);
    }
  } finally {
    await Promise.all(flying.keys());
  }
  if (failed !== undefined) throw failed;
}

/** The keys of documents, key by key. Numbers and texts that are a key alone stand for themselves, which spares making a text of each. */
function identitiesOf(
  keys: readonly UniqueKey[],
  documents: readonly Document[],
): readonly Set<unknown>[] {
  return keys.map((key) => {
    const identities = new Set<unknown>();
    const [field, ...others] = key.fields;
    const alone = field !== undefined && others.length === 0 &&
      PLAIN.has(field.type.kind);
    for (const document of documents) {
      const identity: unknown = alone
        ? document[field.column]
        : key.identity(document);
      if (identity !== undefined && identity !== null) identities.add(identity);
    }
    return identities;
  });
}

/** Kinds whose values are equal in JavaScript when they are in the database. */
const PLAIN: ReadonlySet<string> = new Set(["int32", "int64", "string"]);

function overlap(
  left: readonly Set<unknown>[],
  right: readonly Set<unknown>[],
): boolean {
  return left.some((set, place) => {
    const other = right[place];
    return other !== undefined && !set.isDisjointFrom(other);
  });
}
