import type { LoadTarget } from "./load_target.ts";
import { type LoadedRange, Loads } from "./loads_model.ts";

/** Writes the row that records a batch in the transaction of its rows, before them. */
export interface Recorder {
  /** The connection, whose transactions also write the planned row. */
  readonly target: LoadTarget;
  /** Plans the row of the next transaction; undefined for none. */
  plan(row: LoadedRange | undefined): void;
  /** Whether the last transaction wrote nothing, because another load has recorded the batch. */
  isTaken(): boolean;
  /** Writes the planned row, if no transaction did: a server may have none. */
  rest(): Promise<void>;
}

/**
 * Creates what records the batches that one writer writes, one at a time.
 *
 * @param isShared whether a batch is left to the load that records it first; if
 * not, it is written in any case
 */
export function createRecorder(db: LoadTarget, isShared: boolean): Recorder {
  const withSession = db.withSession?.bind(db);
  let planned: LoadedRange | undefined;
  let isWritten = false;
  let isTaken = false;
  /** Another load that records the batch waits for the end of this transaction. */
  const claim = async (tx: Pick<LoadTarget, "query">): Promise<void> => {
    if (planned === undefined) return;
    if (!isShared) return await write(tx);
    const { inserted } = await tx.query(Loads).bulkInsert([planned]);
    isTaken = inserted === 0;
    if (isTaken) throw new Error("Another load has recorded the batch");
  };
  const write = async (to: Pick<LoadTarget, "query">): Promise<void> => {
    if (planned !== undefined) await to.query(Loads).bulkUpsert([planned]);
  };
  return {
    target: {
      query: (model) => db.query(model),
      async transaction(fn, options) {
        const result = await db.transaction(async (tx) => {
          await claim(tx);
          return await fn(tx);
        }, options);
        isWritten = true;
        return result;
      },
      ...withSession === undefined ? {} : { withSession },
    },
    plan(row) {
      planned = row;
      isWritten = isTaken = false;
    },
    isTaken: () => isTaken,
    async rest() {
      if (!isWritten) await write(db);
      isWritten = true;
    },
  };
}
