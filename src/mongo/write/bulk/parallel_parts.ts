/** Parts of a batch that are on their way at a time: one is made ready while the server writes another. */
const LANES = 2;

/**
 * Sends operations in parts, side by side. All of them end before this does.
 *
 * @param single whether a transaction takes one command at a time
 */
export async function inLanes<Operation, Result>(
  operations: readonly Operation[],
  single: boolean,
  send: (part: readonly Operation[], from: number) => Promise<Result>,
): Promise<Result[]> {
  const lanes = single ? 1 : LANES;
  const size = Math.ceil(operations.length / lanes);
  const sending: Promise<Result>[] = [];
  for (let from = 0; from < operations.length; from += size) {
    sending.push(send(operations.slice(from, from + size), from));
  }
  const results: Result[] = [];
  for (const sent of await Promise.allSettled(sending)) {
    if (sent.status === "rejected") throw sent.reason;
    results.push(sent.value);
  }
  return results;
}
