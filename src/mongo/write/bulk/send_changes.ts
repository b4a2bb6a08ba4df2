import type { Document } from "mongodb";
import { settled } from "../../driver/write_outcome.ts";
import type { Fate, Tally } from "../base/row_fates.ts";
import type { Change } from "./change.ts";
import type { UniqueKey } from "../base/unique_key.ts";

/** What has become of the keys of a batch, part by part. */
export interface Fates extends Pick<Tally, "add"> {
  /** Sends a part, and takes down what an error says of it. */
  sending<Result>(
    part: readonly Document[],
    send: () => Promise<Result>,
  ): Promise<Result>;
  /** Tells what became of the batch's rows; those of which nothing was said are not written. */
  tell(batch: readonly Change[], tally: Tally): void;
}

/** The fates of a batch of which nothing was sent. */
export function createFates(key: UniqueKey): Fates {
  const parts: { fate: Fate; documents: readonly object[] }[] = [];
  const add: Tally["add"] = (fate, documents) =>
    void parts.push({ fate, documents });
  return {
    add,
    async sending(part, send) {
      try {
        const result = await send();
        add("written", part);
        return result;
      } catch (error) {
        const { written, unknown } = settled(error, part.length, false);
        const at = (places: readonly number[]): readonly Document[] =>
          places.flatMap((place) => part[place] ?? []);
        add("written", at(written));
        add("unknown", at(unknown));
        throw error;
      }
    },
    tell(batch, tally) {
      const fates = new Map(
        parts.flatMap(({ fate, documents }) =>
          documents.map((one) => [key.identity(one), fate])
        ),
      );
      const groups = Map.groupBy(
        batch,
        ({ identity }) =>
          identity === undefined
            ? "unknown"
            : fates.get(identity) ?? "unwritten",
      );
      for (const [fate, changes] of groups) {
        tally.add(fate, changes.map(({ document }) => document));
      }
    },
  };
}
