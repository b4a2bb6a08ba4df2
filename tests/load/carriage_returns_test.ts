// Values of CSV may end with a carriage return, also in a file whose lines end with one.
import assert from "node:assert/strict";
import fc from "fast-check";
import { csvRecords } from "../../src/load/input/csv.ts";
import { textPieces } from "../../src/load/input/texts.ts";
import { limitsOf } from "../../src/files/read/limits.ts";
import { ROUNDS } from "../support/rounds.ts";

async function recordsOf(text: string): Promise<string[][]> {
  async function* bytes() {
    yield await Promise.resolve(new TextEncoder().encode(text));
  }
  const pieces = textPieces(bytes(), "item", "a.csv");
  const parts = await Array.fromAsync(csvRecords(pieces, {
    name: "a.csv",
    model: "item",
    format: "csv",
    limits: limitsOf("load", {}),
  }));
  return parts.flatMap((part) => {
    assert.ok("records" in part, "the beginning is parsed as text");
    return part.records.map(({ content }) => [...content]);
  });
}

/** Returns the text of a value, in quotes if it needs them. */
function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

Deno.test("a value that ends with a carriage return leaves the other values of its file as they are", async () => {
  assert.deepEqual(await recordsOf('a,b\r\n1,x\r\n"2\r",\r\n3,"y\r"\r\n'), [
    ["a", "b"],
    ["1", "x"],
    ["2\r", ""],
    ["3", "y\r"],
  ]);
});

Deno.test("values are the same with both line ends", async () => {
  const value = fc.array(fc.constantFrom("a", "\r", "\n", '"', ",", ""), {
    maxLength: 4,
  }).map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(value, value), { maxLength: 6 }),
      fc.constantFrom("\n", "\r\n"),
      async (rows, lineEnd) => {
        const records = [["a", "b"], ...rows];
        const text = records
          .map((cells) => cells.map(quoted).join() + lineEnd).join("");
        assert.deepEqual(await recordsOf(text), records);
      },
    ),
    { numRuns: 300 * ROUNDS },
  );
});
