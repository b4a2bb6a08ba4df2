import type { Document } from "mongodb";
import { BSON } from "../../link/mongodb.ts";
import type { Rows } from "../../../query/statement/statement.ts";

/** The most bytes of documents in one batch. */
const BATCH_BYTES = 8 << 20;
/** The most documents of an array in one batch. */
const ARRAY_BATCH_ROWS = 5_000;
/** The most documents of another source in one batch. Those of larger batches live until V8 keeps them among its old objects, and then need more memory. */
const BATCH_ROWS = 1_000;
/** The bytes of a source's documents that are held before the first batch. */
const HELD_BYTES = 4 << 20;
/** One in this many documents is measured; the following ones are assumed to have its size. */
const SAMPLE_INTERVAL = 64;

/** Callbacks of {@link batches}. */
interface BatchHooks<E> {
  /** Returns the document of an entry, which decides about the size of batches. */
  readonly documentOf: (entry: E) => Document;
  /** Called once, before the first batch, with all held entries. */
  readonly onHeld?: (entries: readonly E[]) => Promise<void>;
  /** Whether to stop taking rows from the source; the rows taken so far are still returned. */
  readonly isStopped?: () => boolean;
  /** Called with the entries that are in no batch yet when the source fails. */
  readonly onSourceError?: (entries: readonly E[]) => void;
}

/**
 * Groups rows into batches. All rows of an array are encoded before the first
 * batch; those of another source until 4 MB are held. So an invalid row, or a
 * source that fails, leaves nothing written unless more rows precede it.
 *
 * @param encode returns the entry of a row, or throws
 */
export async function* batches<E extends object>(
  rows: Rows<object>,
  encode: (row: object, index: number) => E,
  hooks: BatchHooks<E>,
): AsyncGenerator<readonly E[]> {
  if (!Array.isArray(rows) || rows.length > SAMPLE_INTERVAL) {
    return yield* manyBatches(rows, encode, hooks);
  }
  const entries = Array.from<object, E>(rows, encode);
  if (!isOneBatch(entries, hooks)) {
    return yield* manyBatches(entries, (entry) => entry, hooks);
  }
  await hooks.onHeld?.(entries);
  if (entries.length > 0) yield entries;
}

/** Whether a few entries fit in one batch, by the size of the first. */
function isOneBatch<E>(
  [first, ...others]: readonly E[],
  { documentOf }: BatchHooks<E>,
): boolean {
  return first === undefined || others.length === 0 ||
    BSON.calculateObjectSize(documentOf(first)) * (others.length + 1) <
      BATCH_BYTES;
}

async function* manyBatches<Row extends object, E extends object>(
  rows: Rows<Row>,
  encode: (row: Row, index: number) => E,
  { documentOf, onHeld, isStopped, onSourceError }: BatchHooks<E>,
): AsyncGenerator<readonly E[]> {
  const sizeOf = createSampler();
  const isArray = Array.isArray(rows);
  const current = createBatch<E>(isArray ? ARRAY_BATCH_ROWS : BATCH_ROWS);
  let held: E[] | undefined = [];
  let [index, heldBytes] = [0, 0];
  async function* releaseHeld(): AsyncGenerator<readonly E[]> {
    const entries = held ?? [];
    held = undefined;
    await onHeld?.(entries);
    for (const entry of entries) {
      if (current.add(entry, sizeOf(documentOf(entry)))) yield current.take();
    }
  }
  /** Adds a row; returns whether `ready` has batches. */
  function add(row: Row): boolean {
    const entry = encode(row, index++);
    const size = held !== undefined && isArray ? 0 : sizeOf(documentOf(entry));
    if (held === undefined) return current.add(entry, size);
    held.push(entry);
    heldBytes += size;
    return !isArray && heldBytes > HELD_BYTES;
  }
  async function* ready(): AsyncGenerator<readonly E[]> {
    if (held === undefined) yield current.take();
    else yield* releaseHeld();
  }
  try {
    if (Symbol.asyncIterator in rows) {
      for await (const row of rows) {
        if (add(row)) yield* ready();
        if (isStopped?.()) break;
      }
    } else {
      for (const row of rows) {
        if (add(row)) yield* ready();
        if (isStopped?.()) break;
      }
    }
  } catch (error) {
    onSourceError?.([...held ?? [], ...current.take()]);
    throw error;
  }
  if (held !== undefined) yield* releaseHeld();
  const rest = current.take();
  if (rest.length > 0) yield rest;
}

/** A batch that is being filled. */
interface Batch<E> {
  /** Adds an entry; returns whether the batch is full. */
  add(entry: E, bytes: number): boolean;
  /** Returns the entries and starts a new batch. */
  take(): readonly E[];
}

function createBatch<E>(maxRows: number): Batch<E> {
  let entries: E[] = [];
  let size = 0;
  return {
    add(entry, bytes) {
      entries.push(entry);
      size += bytes;
      return entries.length >= maxRows || size >= BATCH_BYTES;
    },
    take() {
      const taken = entries;
      [entries, size] = [[], 0];
      return taken;
    },
  };
}

/** A function that estimates the size of each document by samples. */
function createSampler(): (document: Document) => number {
  let [count, size] = [0, 0];
  return (document) => {
    if (count++ % SAMPLE_INTERVAL === 0) {
      size = BSON.calculateObjectSize(document);
    }
    return size;
  };
}
