import type { Document } from "mongodb";
import type { AnyModel } from "../../../model/types.ts";
import type {
  InsertStatement,
  Outcome,
} from "../../../query/statement/statement.ts";
import { newRowEncoder } from "../../codec/encode.ts";
import { failedAfter } from "../base/partial_write.ts";
import type { Place } from "../base/write_context.ts";
import { takenError } from "../../link/duplicate_key.ts";
import { createTally, type Tally } from "../base/row_fates.ts";
import { batches, type Entry } from "./batches.ts";
import { identitiesOf, overlap } from "./key_overlap.ts";
import {
  sift,
  type Sifted,
  taken,
  type UniqueKey,
  uniqueKeys,
} from "../base/unique_key.ts";
import { sendTold } from "../base/send_new.ts";
import { sizeCheck } from "../../codec/document_size.ts";

/** Batches that are on their way at a time. */
const IN_FLIGHT = 2;
/** The share of refused documents from which keys are looked at first. */
const MANY = 0.05;

/** What has been written, and the error that no more is. */
interface Progress {
  inserted: number;
  ignored: number;
  readonly tally: Tally;
  failed: { readonly error: unknown } | undefined;
}

/** Writes new rows. Outside a transaction each batch is written by itself; what was written before one fails is said. */
export async function insert(
  place: Place,
  statement: InsertStatement,
): Promise<Outcome<InsertStatement>> {
  const { model, rows, onConflict } = statement;
  const encode = newRowEncoder(model, !Array.isArray(rows));
  const check = sizeCheck(model);
  const tally = createTally(
    uniqueKeys(model)[0]?.fields ?? [],
    !Array.isArray(rows),
    true,
  );
  const progress: Progress = {
    inserted: 0,
    ignored: 0,
    tally,
    failed: undefined,
  };
  const source = batches(
    rows,
    (row, index): Entry => {
      const document = encode(row, index);
      check?.(document, index);
      return { document };
    },
    {
      halted: () => progress.failed !== undefined,
      left: (entries) => tally.add("unwritten", documentsOf(entries)),
    },
  );
  const work = place.scope !== undefined || onConflict === "error"
    ? insertSifted
    : insertAll;
  try {
    await work(place, statement, source, progress);
    if (progress.failed !== undefined) throw progress.failed.error;
  } catch (error) {
    throw failedAfter(place, error, progress.inserted, tally);
  }
  const { inserted, ignored } = progress;
  return { inserted, ignored };
}

function documentsOf(batch: readonly Entry[]): readonly Document[] {
  return batch.map(({ document }) => document);
}

/** Looks keys up before it writes. */
async function insertSifted(
  place: Place,
  { model, onConflict }: InsertStatement,
  source: AsyncIterable<readonly Entry[]>,
  progress: Progress,
): Promise<void> {
  const { tally } = progress;
  const keys = uniqueKeys(model);
  const refuses = onConflict === "error";
  async function write(documents: readonly Document[]): Promise<void> {
    const sifted = await siftTold(place, model, keys, documents, tally);
    if (sifted.taken > 0 && refuses) {
      tally.add("unwritten", documents);
      throw taken(model, sifted.key);
    }
    const sent = await sendTold(place, model, sifted.free, tally, !refuses);
    progress.inserted += sent.inserted;
    progress.ignored += sifted.taken + sent.taken.length;
    const [refused] = sent.taken;
    if (refused !== undefined && refuses) {
      throw takenError(model, model.table, refused.message);
    }
  }
  for await (const batch of source) {
    const documents = documentsOf(batch);
    if (progress.failed !== undefined) tally.add("unwritten", documents);
    else {
      await place.together(() => write(documents))
        .catch((error) => void (progress.failed = { error }));
    }
  }
}

/** Sends batches as they come and lets the server say whose key is taken. */
async function insertAll(
  place: Place,
  { model }: InsertStatement,
  source: AsyncIterable<readonly Entry[]>,
  progress: Progress,
): Promise<void> {
  const { tally } = progress;
  const keys = uniqueKeys(model);
  const flying = new Map<Promise<void>, readonly Set<unknown>[]>();
  const send = async (documents: readonly Document[]): Promise<void> => {
    const { free } = place.colliding.has(model)
      ? await siftTold(place, model, keys, documents, tally)
      : { free: documents };
    const { inserted } = await sendTold(place, model, free, tally, true);
    const ignored = documents.length - inserted;
    progress.inserted += inserted;
    progress.ignored += ignored;
    // A look at the keys costs little; a refused document costs more than a written one.
    if (ignored > documents.length * MANY) place.colliding.add(model);
    else place.colliding.delete(model);
  };
  try {
    for await (const batch of source) {
      const documents = documentsOf(batch);
      const identities = identitiesOf(keys, documents);
      // Of two rows with one key the first counts, so the later waits until it is written.
      for (const [sending, others] of flying) {
        if (overlap(identities, others)) await sending;
      }
      if (flying.size >= IN_FLIGHT) await Promise.race(flying.keys());
      if (progress.failed !== undefined) {
        tally.add("unwritten", documents);
        continue;
      }
      const sending: Promise<void> = send(documents)
        .catch((error) => void (progress.failed ??= { error }))
        .finally(() => flying.delete(sending));
      flying.set(sending, identities);
    }
  } finally {
    await Promise.all(flying.keys());
  }
}

async function siftTold(
  { link }: Place,
  model: AnyModel,
  keys: readonly UniqueKey[],
  documents: readonly Document[],
  tally: Tally,
): Promise<Sifted> {
  try {
    return await sift(link, model, keys, documents);
  } catch (error) {
    tally.add("unwritten", documents);
    throw error;
  }
}
