// Values of a packet become values of their column, in every form in which decoders return them.
import {
  LsstMpcOrbits,
  ZtfDetection,
  ZtfNonDetection,
} from "@alerce/db-plugins/models/multisurvey";
import assert from "node:assert/strict";
import { finiteNumber, recordRows } from "../../src/multisurvey/record_rows.ts";

Deno.test("integers of every size and floats are read from bigints and texts", () => {
  const limit = recordRows(ZtfNonDetection, { band: "fid" });
  const detection = recordRows(ZtfDetection);
  for (const packed of [1, 1n, "1"]) {
    const record = {
      fid: packed,
      diffmaglim: packed,
      pid: packed,
      nid: packed,
    };
    assert.partialDeepStrictEqual(limit(record, {}), {
      band: 1,
      diffmaglim: 1,
    });
    assert.partialDeepStrictEqual(detection(record, {}), { pid: 1n, nid: 1 });
    assert.equal(finiteNumber(record, "fid", "candidate"), 1);
  }
});

Deno.test("times become days in UTC, and 0 is null", () => {
  const orbit = recordRows(LsstMpcOrbits);
  const times: readonly (readonly [unknown, string | null])[] = [
    [0, null],
    [new Date(0), null],
    [-1n, "1969-12-31"],
    [-86_400_000_000, "1969-12-31"],
    ["86400000000", "1970-01-02"],
    [new Date(-1), "1969-12-31"],
    [new Date("2025-12-31T23:59:59.999Z"), "2025-12-31"],
  ];
  for (const [created_at, day] of times) {
    assert.deepEqual(
      orbit({ created_at }, {}).created_at,
      day === null ? null : new Date(day),
    );
  }
});
