import type { MongoClient } from "mongodb";
import { pause } from "../../base/pause.ts";

/** Milliseconds for the server to end the transactions, cursors, and sessions of a client. */
const GRACE_PERIOD = 3_000;
/** The parts of the wait: if the program blocks its event loop, only one of them passes. */
const PARTS = 10;

const ignore = (): void => {};

/**
 * Closes a client. The driver would wait up to 20 seconds for a server that does
 * not answer.
 */
export async function closeClient(client: MongoClient): Promise<void> {
  // The driver removes its reference at the end.
  const topology: unknown = Reflect.get(client, "topology");
  const closed = client.close(true);
  closed.catch(ignore);
  const ended = new AbortController();
  try {
    await Promise.race([closed, expiry(ended.signal)]);
  } finally {
    ended.abort();
  }
  if (isClosable(topology)) topology.close();
}

async function expiry(signal: AbortSignal): Promise<void> {
  for (let part = 0; part < PARTS; part++) {
    await pause(GRACE_PERIOD / PARTS, signal);
  }
}

/** Whether a value is the driver's own list of servers, whose connections end with it. A second end does nothing. */
function isClosable(value: unknown): value is { close(): void } {
  return typeof value === "object" && value !== null &&
    typeof Reflect.get(value, "close") === "function";
}
