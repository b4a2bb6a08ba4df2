import { packetsOf } from "../files/avro/container.ts";
import type { Limits } from "../files/read/limits.ts";
import { packetError } from "../files/read/packet_error.ts";

/** Returns the alerts of an Avro object container in memory. */
export async function alertsOfBytes<Alert>(
  bytes: Uint8Array,
  limits: Limits,
  alertOf: (packet: unknown) => Alert,
): Promise<readonly Alert[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes);
  }
  return await Array.fromAsync(
    avroAlerts(chunks(), "the Avro container", limits, alertOf),
  );
}

/** Yields the alerts of an Avro object container, block by block. */
export async function* avroAlerts<Alert>(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
  limits: Limits,
  alertOf: (packet: unknown) => Alert,
): AsyncGenerator<Alert> {
  let isEmpty = true;
  for await (const packet of packetsOf(chunks, source, limits)) {
    isEmpty = false;
    yield alertOf(packet);
  }
  if (isEmpty) throw packetError("contains no alert");
}
