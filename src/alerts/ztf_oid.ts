import { ValidationError } from "../base/errors/mod.ts";

/** The bits of the survey: 1 for ZTF, above 55 bits of the object's number. */
const ZTF = 1n << 55n;
/** How many objects a year may have: seven letters. */
const YEAR = 26 ** 7;
const LETTERS = 7;
const A = "a".charCodeAt(0);

/** An objectId, with its year and its letters. */
export const OBJECT_ID: RegExp = /^ZTF(\d\d)([a-z]{7})$/;
/** What an objectId must be, for errors. */
export const OBJECT_ID_FORM =
  "must be ZTF, two digits, and seven letters from a to z, as in ZTF18aaxlzgi";

/**
 * Returns the `oid` of a ZTF object in the multi-survey schema: its objectId,
 * packed into a 64-bit integer.
 *
 * @param objectId `ZTF`, two digits, and seven letters from a to z
 * @throws {ValidationError} if it is none
 * @example
 * ```ts
 * import { ztfObjectId, ztfOid } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * const oid = ztfOid("ZTF20abcdefg");
 * assert.equal(oid, 36028957668018384n);
 * assert.equal(ztfObjectId(oid), "ZTF20abcdefg");
 * ```
 */
export function ztfOid(objectId: string): bigint {
  const [, year, letters] = typeof objectId === "string"
    ? OBJECT_ID.exec(objectId) ?? []
    : [];
  if (letters === undefined) {
    throw identifierError("objectId", objectId, OBJECT_ID_FORM);
  }
  let number = 0;
  for (let place = 0; place < LETTERS; place++) {
    number = number * 26 + letters.charCodeAt(place) - A;
  }
  return ZTF + BigInt(Number(year) * YEAR + number);
}

/**
 * Returns the objectId of a ZTF object from its `oid` in the multi-survey schema:
 * the inverse of {@link ztfOid}.
 *
 * @throws {ValidationError} if it is not the `oid` of a ZTF object, for example
 * of an LSST object
 */
export function ztfObjectId(oid: bigint): string {
  const number = typeof oid === "bigint" ? oid - ZTF : -1n;
  if (number < 0n || number >= BigInt(100 * YEAR)) {
    throw identifierError(
      "oid",
      oid,
      `must be a bigint from ${ZTF} to ${ZTF + BigInt(100 * YEAR - 1)}`,
    );
  }
  let rest = Number(number) % YEAR;
  let letters = "";
  for (let place = 0; place < LETTERS; place++) {
    letters = String.fromCharCode(A + rest % 26) + letters;
    rest = Math.floor(rest / 26);
  }
  const year = Math.floor(Number(number) / YEAR);
  return `ZTF${String(year).padStart(2, "0")}${letters}`;
}

function identifierError(
  field: string,
  value: unknown,
  form: string,
): ValidationError {
  const got = typeof value === "string" ? JSON.stringify(value) : String(value);
  return new ValidationError("the identifier of a ZTF object", [
    { index: 0, field, value, reason: `${form}; got ${got}` },
  ], { action: "convert", isOneRow: true, outcome: "" });
}
