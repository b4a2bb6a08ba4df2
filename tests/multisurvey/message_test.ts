// Messages with the framing of a schema registry are alerts; others say what is wrong.
import { LimitError } from "@alerce/db-plugins";
import { alertReader, alertRows } from "@alerce/db-plugins/lsst";
import assert from "node:assert/strict";
import avro, { type Schema } from "avsc";
import { Buffer } from "node:buffer";

const TIME = ["null", { type: "long", logicalType: "timestamp-micros" }];
const SCHEMA = {
  type: "record",
  name: "alert",
  fields: [
    { name: "diaSourceId", type: "long" },
    {
      name: "diaSource",
      type: {
        type: "record",
        name: "diaSource",
        fields: [
          ...["diaSourceId", "diaObjectId", "ssObjectId"].map((name) => ({
            ...{ name, type: ["null", "long"] },
          })),
          ...["midpointMjdTai", "ra", "dec"].map((name) => ({
            ...{ name, type: "double" },
          })),
          { name: "band", type: ["null", "string"] },
        ],
      },
    },
    {
      name: "mpc_orbits",
      type: ["null", {
        type: "record",
        name: "mpc_orbits",
        fields: [
          { name: "created_at", type: TIME },
          { name: "updated_at", type: TIME },
        ],
      }],
    },
    { name: "cutoutScience", type: ["null", "bytes"] },
  ],
};
const PACKET = {
  diaSourceId: 7,
  diaSource: {
    ...{ diaSourceId: 7, diaObjectId: 0, ssObjectId: 9 },
    ...{ midpointMjdTai: 61041.25, ra: 59.5, dec: -48.25, band: "u" },
  },
  mpc_orbits: { created_at: 0, updated_at: 1_767_225_599_999_999 },
  cutoutScience: null,
};
const MESSAGE = Uint8Array.of(
  ...[0, 0, 0, 3, 232],
  ...avro.Type.forSchema(SCHEMA as Schema, { wrapUnions: false })
    .toBuffer(PACKET),
);

Deno.test("a message is an alert, with exact identifiers and days in UTC", () => {
  for (const message of [MESSAGE, Buffer.from(MESSAGE)]) {
    const rows = alertRows(alertReader(SCHEMA)(message));
    assert.deepEqual(rows.detection, [{
      ...{ oid: 9n, sid: 2, measurement_id: 7n, band: 6 },
      ...{ mjd: 61041.25, ra: 59.5, dec: -48.25 },
    }]);
    assert.equal(rows.lsst_detection[0]?.has_stamp, false);
    assert.equal(rows.lsst_mpc_orbits[0]?.created_at, null);
    assert.deepEqual(
      rows.lsst_mpc_orbits[0]?.updated_at,
      new Date("2025-12-31"),
    );
  }
});

Deno.test("a message that is no alert says what is wrong", () => {
  const read = alertReader(SCHEMA);
  const wrong: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(), /framing of a schema registry/],
    [MESSAGE.subarray(5), /framing of a schema registry/],
    [MESSAGE.subarray(0, 3), /is truncated/],
    [MESSAGE.subarray(0, 20), /is truncated/],
    [Uint8Array.of(...MESSAGE, 0), /is longer than the schema says/],
  ];
  for (const [message, reason] of wrong) {
    assert.throws(() => read(message), {
      name: "ValidationError",
      message: reason,
    });
  }
  assert.throws(
    () => alertReader(SCHEMA, { maxBlock: 9 })(MESSAGE),
    LimitError,
  );
  assert.throws(() => alertReader({ type: "recrd" }), /invalid Avro schema/);
});
