import type { Document } from "mongodb";
import { writeOutcome } from "../../driver/write_outcome.ts";
import type { RowState, RowStates } from "../base/row_states.ts";
import type { UniqueKey } from "../base/unique_key.ts";
import type { UpsertRow } from "./upsert_row.ts";

/** The states of a batch's rows by key, added part by part. */
export interface BatchStates extends Pick<RowStates, "add"> {
  /** Sends a part and adds the states of its documents, also if it fails. */
  track<Result>(
    part: readonly Document[],
    send: () => Promise<Result>,
  ): Promise<Result>;
  /** Adds the states of all rows of the batch; rows without a state are not written. */
  addTo(states: RowStates, batch: readonly UpsertRow[]): void;
}

/** Creates the states of a batch of which nothing was sent. */
export function createBatchStates(key: UniqueKey): BatchStates {
  const parts: { state: RowState; documents: readonly object[] }[] = [];
  const add: RowStates["add"] = (state, documents) =>
    void parts.push({ state, documents });
  return {
    add,
    async track(part, send) {
      try {
        const result = await send();
        add("written", part);
        return result;
      } catch (error) {
        const { written, unknown } = writeOutcome(error, part.length, false);
        const documentsAt = (indexes: readonly number[]): readonly Document[] =>
          indexes.flatMap((index) => part[index] ?? []);
        add("written", documentsAt(written));
        add("unknown", documentsAt(unknown));
        throw error;
      }
    },
    addTo(states, batch) {
      const stateByKey = new Map(
        parts.flatMap(({ state, documents }) =>
          documents.map((document) => [key.identityOf(document), state])
        ),
      );
      const groups = Map.groupBy(
        batch,
        ({ identity }) =>
          identity === undefined
            ? "unknown"
            : stateByKey.get(identity) ?? "unwritten",
      );
      for (const [state, rows] of groups) {
        states.add(state, rows.map(({ document }) => document));
      }
    },
  };
}
