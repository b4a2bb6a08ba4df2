import type { LoadTarget } from "./load_target.ts";
import { type LoadedRange, Loads } from "./loads_model.ts";

/** Writes the row that records a batch in the transaction of its rows. */
export interface Recorder {
  /** The connection, whose transactions also write the planned row. */
  readonly target: LoadTarget;
  /** Plans the row of the next transaction; undefined for none. */
  plan(row: LoadedRange | undefined): void;
  /** Writes the planned row, if no transaction did: a server may have none. */
  rest(): Promise<void>;
}

/** Creates what records the batches that one writer writes, one at a time. */
export function createRecorder(db: LoadTarget): Recorder {
  const withSession = db.withSession?.bind(db);
  let planned: LoadedRange | undefined;
  let isWritten = false;
  const write = async (to: Pick<LoadTarget, "query">): Promise<void> => {
    if (planned !== undefined) await to.query(Loads).bulkUpsert([planned]);
  };
  return {
    target: {
      query: (model) => db.query(model),
      async transaction(fn, options) {
        const result = await db.transaction(async (tx) => {
          const value = await fn(tx);
          await write(tx);
          return value;
        }, options);
        isWritten = true;
        return result;
      },
      ...withSession === undefined ? {} : { withSession },
    },
    plan(row) {
      planned = row;
      isWritten = false;
    },
    async rest() {
      if (!isWritten) await write(db);
      isWritten = true;
    },
  };
}
