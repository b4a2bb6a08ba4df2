import { Readable } from "node:stream";
import type avsc from "avsc";
import { ValidationError } from "../base/errors/mod.ts";
import { alertOf, type ZtfAlert } from "./alert.ts";

/** Bytes of the marker that ends each block of a container. */
const MARKER_BYTES = 16;

/**
 * The alerts in an Avro object container, as brokers receive them. Packets of
 * every schema version are read by the schema that they carry.
 *
 * @param bytes the whole container
 * @throws {ValidationError} where it is no such container, is cut off, or holds no alert
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
    // The decoder answers with what it decoded; an error of its own ends the loop.
    for await (const packet of Readable.from([bytes]).compose(decoder)) {
      alerts.push(alertOf(packet));
    }
  } catch (error) {
    if (error instanceof ValidationError) throw error;
    throw unreadable("is no Avro container that can be read to its end", error);
  }
  // Every block ends with the marker of the header: Avro 1.11 specification, "Object Container Files".
  const end = bytes.subarray(-MARKER_BYTES).toHex();
  if (marker?.toHex() !== end) throw unreadable("is cut off", undefined);
  if (alerts.length === 0) throw unreadable("holds no alert", undefined);
  return alerts;
}

function unreadable(reason: string, cause: unknown): ValidationError {
  const problem = { index: 0, field: "packet", value: undefined, reason };
  return new ValidationError("alert", [problem], { cause });
}

/** 64-bit integers as bigints. A packet is only read, so only reading is there. */
function bigintLong(avro: typeof avsc): avsc.types.LongType {
  const never = (): never => {
    throw new Error("Alerts are read, not written");
  };
  return avro.types.LongType.__with({
    fromBuffer: (buffer: Uint8Array) =>
      new DataView(buffer.buffer, buffer.byteOffset).getBigInt64(0, true),
    toBuffer: never,
    fromJSON: never,
    toJSON: never,
    isValid: (value: unknown) => typeof value === "bigint",
    compare: (left: bigint, right: bigint) =>
      left < right ? -1 : left > right ? 1 : 0,
  });
}

/** A schema without defaults, which only a writer needs: those of versions 1.8 to 4.01 are not of their field's first type, which Avro forbids. */
function withoutDefaults(schema: unknown): avsc.Schema {
  return JSON.parse(
    JSON.stringify(schema),
    (key, value) => key === "default" ? undefined : value,
  );
}
