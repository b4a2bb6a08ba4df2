import { exactInteger, fieldError, type Packet } from "../alerts/packet.ts";

/** The kinds of objects: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
export const SID = { ztf: 0, dia: 1, solarSystem: 2 } as const;
/** The telescopes. */
export const TID = { ztf: 0, lsst: 1 } as const;

/** Names an object: numbers of LSST and of ZTF may be equal. */
export interface ObjectKey {
  readonly oid: bigint;
  readonly sid: number;
  readonly tid: number;
}

/** Returns a text that is equal for equal objects. */
export function objectText({ oid, sid }: Omit<ObjectKey, "tid">): string {
  return `${sid}:${oid}`;
}

/**
 * Returns the object of a source of LSST. An object outside of the solar system
 * wins if the source has both.
 *
 * @param position where the record is, for errors
 * @throws {ValidationError} if both identifiers are 0 or null
 */
export function lsstObject(record: Packet, position: string): ObjectKey {
  const { diaObjectId, ssObjectId } = record;
  const tid = TID.lsst;
  const dia = identifier(`${position}.diaObjectId`, diaObjectId);
  if (dia !== 0n) return { oid: dia, sid: SID.dia, tid };
  const solarSystem = identifier(`${position}.ssObjectId`, ssObjectId);
  if (solarSystem !== 0n) {
    return { oid: solarSystem, sid: SID.solarSystem, tid };
  }
  throw fieldError(
    `${position}.diaObjectId`,
    diaObjectId,
    "and ssObjectId are 0 or null, so the source belongs to no object",
  );
}

/** Returns an identifier; 0 if it is null or missing. */
export function identifier(field: string, value: unknown): bigint {
  return value === null || value === undefined
    ? 0n
    : exactInteger(field, value);
}
