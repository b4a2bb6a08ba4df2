import { withOutcome } from "../../base/errors/mod.ts";
import type { Rows } from "../statement/statement.ts";

/** Returns rows whose asynchronous source fails when the signal is aborted, also while the source itself waits. Other rows stay as they are. */
export function limitedRows<Row extends object>(
  rows: Rows<Row>,
  signal: AbortSignal | undefined,
): Rows<Row> {
  const given: unknown = rows;
  if (
    signal === undefined || typeof given !== "object" || given === null ||
    !(Symbol.asyncIterator in rows)
  ) return rows;
  return {
    [Symbol.asyncIterator]: () =>
      limitedIterator(rows[Symbol.asyncIterator](), signal),
  };
}

function limitedIterator<Row>(
  source: AsyncIterator<Row>,
  signal: AbortSignal,
): AsyncIterator<Row> {
  let refuse = (_reason: unknown): void => {};
  const end = async (): Promise<void> => {
    signal.removeEventListener("abort", abort);
    await source.return?.();
  };
  // What was written before is rolled back, or is in `partly`.
  const failure = (): unknown => withOutcome(signal.reason, "not applied");
  const abort = (): void => {
    refuse(failure());
    // A source that never continues does not end.
    end().catch(() => {});
  };
  signal.addEventListener("abort", abort, { once: true });
  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(failure());
        refuse = reject;
        source.next().then(resolve, reject);
      }),
    async return() {
      if (!signal.aborted) await end();
      return { done: true, value: undefined };
    },
  };
}
