/** Parts of a batch that are sent at the same time: one is prepared while the server writes the other. */
const PARTS = 2;
/** The fewest operations that are worth a second part. */
const MIN_DIVIDED = 64;

/**
 * Sends operations in parts, in parallel. It settles only after all parts have.
 *
 * @param isSingle whether to send one part only, as transactions require
 */
export async function inParallel<Operation, Result>(
  operations: readonly Operation[],
  isSingle: boolean,
  send: (part: readonly Operation[], from: number) => Promise<Result>,
): Promise<Result[]> {
  const parts = isSingle || operations.length < MIN_DIVIDED ? 1 : PARTS;
  const size = Math.ceil(operations.length / parts);
  const sending: Promise<Result>[] = [];
  for (let from = 0; from < operations.length; from += size) {
    sending.push(send(operations.slice(from, from + size), from));
  }
  const results: Result[] = [];
  for (const settled of await Promise.allSettled(sending)) {
    if (settled.status === "rejected") throw settled.reason;
    results.push(settled.value);
  }
  return results;
}
