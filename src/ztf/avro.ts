import { Readable } from "node:stream";
import type avsc from "avsc";
import { ValidationError } from "../base/errors/mod.ts";
import { alertOf, type ZtfAlert } from "./alert.ts";

/** Bytes of the sync marker at the end of each block. */
const MARKER_BYTES = 16;

/**
 * Returns the alerts of an Avro object container. The schema in the container
 * is used, so packets of every schema version can be read.
 *
 * @param bytes the complete container
 * @throws {ValidationError} if the container is invalid, truncated or empty
 * @example
 * ```ts
 * import { ValidationError } from "@alerce/db-plugins";
 * import { alertsFromAvro } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(alertsFromAvro(new Uint8Array(8)), ValidationError);
 * ```
 */
export async function alertsFromAvro(
  bytes: Uint8Array,
): Promise<readonly ZtfAlert[]> {
  const { default: avro } = await import("avsc");
  const decoder = new avro.streams.BlockDecoder({
    parseHook: (schema) =>
      avro.Type.forSchema(withoutDefaults(schema), {
        registry: { long: bigintLong(avro) },
        wrapUnions: false,
      }),
  });
  const alerts: ZtfAlert[] = [];
  let marker: Uint8Array | undefined;
  decoder.on("metadata", (_type, _codec, { sync }: { sync: Uint8Array }) => {
    marker = sync;
  });
  try {
    // An error of the decoder ends the loop.
    for await (const packet of Readable.from([bytes]).compose(decoder)) {
      alerts.push(alertOf(packet));
    }
  } catch (error) {
    if (error instanceof ValidationError) throw error;
    throw packetError("is not a readable Avro container", error);
  }
  // Every block ends with the sync marker of the header: Avro 1.11 specification, "Object Container Files".
  const end = bytes.subarray(-MARKER_BYTES).toHex();
  if (marker?.toHex() !== end) throw packetError("is truncated", undefined);
  if (alerts.length === 0) throw packetError("contains no alert", undefined);
  return alerts;
}

function packetError(reason: string, cause: unknown): ValidationError {
  const problem = { index: 0, field: "packet", value: undefined, reason };
  return new ValidationError("alert", [problem], { cause, outcome: "" });
}

/** Reads 64-bit integers as bigints. Writing is not supported. */
function bigintLong(avro: typeof avsc): avsc.types.LongType {
  const unsupported = (): never => {
    throw new Error("Writing alerts is not supported");
  };
  return avro.types.LongType.__with({
    fromBuffer: (buffer: Uint8Array) =>
      new DataView(buffer.buffer, buffer.byteOffset).getBigInt64(0, true),
    toBuffer: unsupported,
    fromJSON: unsupported,
    toJSON: unsupported,
    isValid: (value: unknown) => typeof value === "bigint",
    compare: (left: bigint, right: bigint) =>
      left < right ? -1 : left > right ? 1 : 0,
  });
}

/** The schema without defaults, which only a writer needs. In versions 1.8 to 4.01 they are invalid: their type is not the first type of the field. */
function withoutDefaults(schema: unknown): avsc.Schema {
  return JSON.parse(
    JSON.stringify(schema),
    (key, value) => key === "default" ? undefined : value,
  );
}
