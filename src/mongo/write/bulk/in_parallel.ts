/** Parts of a batch that are sent at the same time: one is prepared while the server writes the other. */
const PARTS = 2;

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
  const size = Math.ceil(operations.length / (isSingle ? 1 : PARTS));
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
