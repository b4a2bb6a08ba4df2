// Numbers of a packet may be bigints or texts, whatever the size of their column.
import {
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
