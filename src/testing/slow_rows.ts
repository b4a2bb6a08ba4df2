import type { StarInsert } from "./models.ts";

/** A star that is not among those of the suite. */
export const VEGA = { id: 91262n, name: "Vega" };

/** Rows of which the second never arrives. */
export function slowRows(
  onWait: () => void = () => {},
): { rows: AsyncIterable<StarInsert>; ended: Promise<void> } {
  const ended = Promise.withResolvers<void>();
  let isFirst = true;
  const iterator = {
    next(): Promise<IteratorResult<StarInsert>> {
      if (isFirst) {
        isFirst = false;
        return Promise.resolve({ done: false, value: { ...VEGA, mag: 1 } });
      }
      setTimeout(onWait, 10);
      return new Promise(() => {});
    },
    return(): Promise<IteratorResult<StarInsert>> {
      ended.resolve();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return {
    rows: { [Symbol.asyncIterator]: () => iterator },
    ended: ended.promise,
  };
}
