// The identifiers of ZTF objects, compared with those that ALeRCE's code computed.
import { ValidationError } from "@alerce/db-plugins";
import { ztfObjectId, ztfOid } from "@alerce/db-plugins/ztf";
import assert from "node:assert/strict";
import fc from "fast-check";
import pairs from "../data/ztf_oids.json" with { type: "json" };

const FIRST = 36028797018963968n;
const LAST = 36029600199981567n;

Deno.test("ztfOid and ztfObjectId agree with ALeRCE's identifiers", () => {
  const limits = [["ZTF00aaaaaaa", `${FIRST}`], ["ZTF99zzzzzzz", `${LAST}`]];
  for (const [objectId = "", oid = ""] of [...pairs, ...limits]) {
    assert.equal(ztfOid(objectId), BigInt(oid));
    assert.equal(ztfObjectId(BigInt(oid)), objectId);
  }
  fc.assert(fc.property(fc.bigInt(FIRST, LAST), (oid) => {
    assert.equal(ztfOid(ztfObjectId(oid)), oid);
  }));
});

Deno.test("ztfOid and ztfObjectId refuse what is not a ZTF object", () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    ...[
      ...["ZTF18aaxlzg", "ZTF18aaxlzgii", "ZTF18AAXLZGI", "ztf18aaxlzgi"],
      ...["ZTF1aaaxlzgi", "ZTF18aaxlzg\u00e9", " ZTF18aaxlzgi", ""],
      "ZTF18aaxlzgi\n",
    ].map((text) =>
      [
        () => ztfOid(text),
        /objectId must be ZTF, two digits, and seven letters from a to z, as in ZTF18aaxlzgi; got "/,
      ] as const
    ),
    [() => ztfOid(18 as never), /objectId must be .*; got 18$/],
    ...[FIRST - 1n, LAST + 1n, 170591547471429724n, -1n].map((oid) =>
      [
        () => ztfObjectId(oid),
        /^Cannot convert the identifier of a ZTF object: oid must be a bigint from 36028797018963968 to 36029600199981567; got -?\d+$/,
      ] as const
    ),
    [() => ztfObjectId(36028797018963968 as never), /oid must be a bigint/],
  ];
  for (const [convert, message] of wrong) {
    assert.throws(
      convert,
      (error) =>
        error instanceof ValidationError && message.test(error.message),
    );
  }
});
