import { createHash } from "node:crypto";
import type { Column, Row } from "./peer.ts";

/** Returns a digest of rows in any order, and one that leaves out 64-bit integers. */
export function digests(
  rows: readonly object[],
  columns: readonly Column[],
): { digest: string; digestWithoutIds: string } {
  const all = createHash("sha256");
  const others = createHash("sha256");
  const sorted = (rows as readonly Row[]).toSorted(byOid);
  for (const row of sorted) {
    for (const { name, kind } of columns) {
      const bytes = encoded(row[name], kind);
      all.update(bytes);
      if (kind !== "int64") others.update(bytes);
    }
  }
  return {
    digest: all.digest("hex"),
    digestWithoutIds: others.digest("hex"),
  };
}

/** Orders rows without their 64-bit integers, which a peer may have changed. */
function byOid(left: Row, right: Row): number {
  const [one, other] = [String(left.oid), String(right.oid)];
  if (one !== other) return one < other ? -1 : 1;
  return Number(left.mjd) - Number(right.mjd) ||
    Number(left.magpsf) - Number(right.magpsf);
}

function encoded(value: unknown, kind: string): Uint8Array {
  if (value === null || value === undefined) return new Uint8Array([0]);
  const bytes = new Uint8Array(9);
  const view = new DataView(bytes.buffer);
  if (kind === "int64") {
    bytes[0] = 1;
    view.setBigInt64(1, BigInt(value as bigint), true);
    return bytes;
  }
  switch (typeof value) {
    case "number":
      bytes[0] = 2;
      view.setFloat64(1, value, true);
      return bytes;
    case "string":
      return new TextEncoder().encode(`\x03${value}\x00`);
    case "boolean":
      return new Uint8Array([4, Number(value)]);
    default:
      throw new TypeError(`Cannot digest a ${typeof value} of kind ${kind}`);
  }
}
