// The messages of a server are the same however the network splits them.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { createScanner } from "../../../../src/sql/driver/protocol/scanner.ts";
import { ROUNDS } from "../../../support/rounds.ts";

function message(code: string, body: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.write(code, "latin1");
  bytes.writeUInt32BE(4 + body.length, 1);
  bytes.set(body, 5);
  return bytes;
}

const body = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 9 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 60_000, max: 200_000 }).map((size) =>
      new Uint8Array(size).fill(7)
    ),
  },
);
const messages = fc.array(
  fc.tuple(fc.constantFrom(..."12CDTnZNEASd"), body),
  { minLength: 1, maxLength: 20 },
);
const cuts = fc.array(fc.nat(), { maxLength: 12 });

/** Returns the messages in the order in which they are received, those of a query that is taken apart from the others. */
function received(chunks: readonly Uint8Array[], own: boolean): string[] {
  const found: string[] = [];
  const scan = createScanner({
    take(code, bytes, view, at, end) {
      if (!own) return false;
      assert.equal(view.getUint32(at - 4), end - at + 4);
      found.push(
        `own ${String.fromCharCode(code)} ${bytes.toString("hex", at, end)}`,
      );
      return true;
    },
    forward(bytes) {
      for (let at = 0; at < bytes.length;) {
        const end = at + 1 + bytes.readUInt32BE(at + 1);
        assert.ok(end <= bytes.length, "a message is forwarded in parts");
        found.push(
          `${bytes.toString("latin1", at, at + 1)} ${
            bytes.toString("hex", at + 5, end)
          }`,
        );
        at = end;
      }
    },
  });
  for (const chunk of chunks) scan(Buffer.from(chunk));
  return found;
}

const OF_QUERY = "12CDTn";

Deno.test("messages arrive whole and in order, wherever the chunks end", () => {
  fc.assert(
    fc.property(messages, cuts, fc.boolean(), (sent, cuts, own) => {
      const bytes = Buffer.concat(
        sent.map(([code, body]) => message(code, body)),
      );
      const ends = [...cuts.map((cut) => cut % bytes.length), bytes.length]
        .toSorted((left, right) => left - right);
      const chunks = ends.map((end, index) =>
        bytes.subarray(index === 0 ? 0 : ends[index - 1], end)
      ).filter(({ length }) => length > 0);
      const expected = sent.map(([code, body]) =>
        `${own && OF_QUERY.includes(code) ? "own " : ""}${code} ${
          Buffer.from(body).toString("hex")
        }`
      );
      assert.deepEqual(received(chunks, own), expected);
    }),
    { numRuns: 300 * ROUNDS, seed: 20_180_601 },
  );
});

Deno.test("each byte may arrive alone", () => {
  const sent = [["D", Buffer.from("row")], ["Z", Buffer.from("I")]] as const;
  const bytes = Buffer.concat(sent.map(([code, body]) => message(code, body)));
  const chunks = [...bytes].map((byte) => Uint8Array.of(byte));
  assert.deepEqual(received(chunks, true), ["own D 726f77", "Z 49"]);
});
