import type { MongoClient } from "mongodb";

/** Counts the connections that a client's commands took from its pools. */
interface Checkouts {
  /** The number so far: a command that fails while it stays the same was not sent. */
  readonly count: number;
  /** Stops counting. */
  stop(): void;
}

/** Begins to count. */
export function countCheckouts(client: MongoClient): Checkouts {
  // Behind a load balancer, a transaction keeps its connection.
  const keepsConnections = client.options?.loadBalanced === true;
  let count = 0;
  const add = (): void => void count++;
  client.on("connectionCheckedOut", add);
  return {
    get count() {
      return keepsConnections ? count++ : count;
    },
    stop: () => void client.off("connectionCheckedOut", add),
  };
}
