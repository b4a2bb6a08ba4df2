import type { MongoClient } from "mongodb";
import { Long } from "../link/mongodb.ts";

/**
 * Keeps the driver's server monitoring alive after a primary steps down. With
 * `useBigInt64`, the driver reads the counter in the server's answer as a
 * bigint and cannot send it back: it would throw in a timer, uncaught.
 *
 * @returns a function that removes the listener
 */
export function keepMonitoring(client: MongoClient): () => void {
  client.on("serverDescriptionChanged", fixCounter);
  return () => void client.off("serverDescriptionChanged", fixCounter);
}

function fixCounter(
  { newDescription: { topologyVersion } }: {
    readonly newDescription: {
      readonly topologyVersion: { counter: Long } | null;
    };
  },
): void {
  const counter: unknown = topologyVersion?.counter;
  if (topologyVersion !== null && typeof counter === "bigint") {
    topologyVersion.counter = Long.fromBigInt(counter);
  }
}
