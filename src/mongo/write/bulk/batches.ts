import { BSON, type Document } from "mongodb";
import type { Rows } from "../../../query/statement/statement.ts";

/** Bytes of documents that go to the server together, and how many documents at most. */
const BATCH_BYTES = 8 << 20;
const BATCH_ROWS = 5_000;
/** Bytes of a source's documents that are held before the first are sent. */
const HELD_BYTES = 64 << 20;
/** One document in so many is measured; the others are taken to be like it. */
const SAMPLE = 64;

/** What becomes of a row before it is sent. */
export interface Entry {
  /** What is sent. */
  readonly document: Document;
}

/** What is done while rows become batches. */
export interface Hooks<E> {
  /** Is told once, before the first batch, of all that is held. */
  readonly held?: (entries: readonly E[]) => Promise<void>;
  /** Whether no more rows are to be taken from their source; what was taken is still given out. */
  readonly halted?: () => boolean;
  /** Is told what was taken from a source that then failed, and not given out. */
  readonly left?: (entries: readonly E[]) => void;
}

/**
 * Rows in batches. Rows of an array are all made before the first batch is
 * given out; those of a source until 64 MB are held, so that a bad row or a
 * source that fails leaves nothing written where there are not more.
 *
 * @param make makes an entry of a row, or throws
 * @param hooks what else is done on the way
 */
export async function* batches<E extends Entry>(
  rows: Rows<object>,
  make: (row: object, index: number) => E,
  { held, halted, left }: Hooks<E> = {},
): AsyncGenerator<readonly E[]> {
  const measure = createMeasure();
  const cut = createCut<E>();
  const limit = Array.isArray(rows) ? Infinity : HELD_BYTES;
  let waiting: E[] | undefined = [];
  let [index, bytes] = [0, 0];
  async function* release(): AsyncGenerator<readonly E[]> {
    const all = waiting ?? [];
    waiting = undefined;
    await held?.(all);
    for (const entry of all) {
      if (cut.add(entry, measure(entry.document))) yield cut.take();
    }
  }
  /** Whether there is something to give out. */
  function take(row: object): boolean {
    const entry = make(row, index++);
    const size = waiting !== undefined && limit === Infinity
      ? 0
      : measure(entry.document);
    if (waiting === undefined) return cut.add(entry, size);
    waiting.push(entry);
    bytes += size;
    return bytes > limit;
  }
  async function* ready(): AsyncGenerator<readonly E[]> {
    if (waiting === undefined) yield cut.take();
    else yield* release();
  }
  try {
    if (Symbol.asyncIterator in rows) {
      for await (const row of rows) {
        if (take(row)) yield* ready();
        if (halted?.()) break;
      }
    } else {
      for (const row of rows) {
        if (take(row)) yield* ready();
        if (halted?.()) break;
      }
    }
  } catch (error) {
    left?.([...waiting ?? [], ...cut.take()]);
    throw error;
  }
  if (waiting !== undefined) yield* release();
  const rest = cut.take();
  if (rest.length > 0) yield rest;
}

interface Cut<E> {
  /** Whether the batch is full. */
  add(entry: E, bytes: number): boolean;
  take(): readonly E[];
}

function createCut<E>(): Cut<E> {
  let batch: E[] = [];
  let size = 0;
  return {
    add(entry, bytes) {
      batch.push(entry);
      size += bytes;
      return batch.length >= BATCH_ROWS || size >= BATCH_BYTES;
    },
    take() {
      const taken = batch;
      [batch, size] = [[], 0];
      return taken;
    },
  };
}

function createMeasure(): (document: Document) => number {
  let [count, last] = [0, 0];
  return (document) => {
    if (count++ % SAMPLE === 0) last = BSON.calculateObjectSize(document);
    return last;
  };
}
