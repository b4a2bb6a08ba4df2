import { Long, type MongoClient } from "mongodb";

/**
 * Lets a client go on watching its servers after one has stepped down. The
 * refusal of such a server holds a count, which the driver reads as a bigint
 * where integers are read so, and which it cannot send back: it throws, from a
 * timer, where nothing can catch it.
 *
 * @returns ends it
 */
export function keepMonitoring(client: MongoClient): () => void {
  client.on("serverDescriptionChanged", mend);
  return () => void client.off("serverDescriptionChanged", mend);
}

function mend(
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
