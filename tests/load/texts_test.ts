// Bytes are decoded in pieces, which may cut a character.
import assert from "node:assert/strict";
import { textPieces, textsOf } from "../../src/load/input/texts.ts";

async function decoded(
  bytes: Uint8Array,
  sizes: readonly number[],
): Promise<string> {
  async function* parts() {
    let from = 0;
    for (const size of [...sizes, bytes.length]) {
      yield await Promise.resolve(bytes.subarray(from, from + size));
      from += size;
    }
  }
  const texts = await Array.fromAsync(textsOf(parts(), "item", "a.csv"));
  return texts.join("");
}

Deno.test("a text is the same wherever its bytes are cut", async () => {
  const text = "\ufeffa,é,€,😀,\ufffd\n\ufeffb\n";
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at <= bytes.length; at++) {
    assert.equal(await decoded(bytes, [at]), text.slice(1));
    assert.equal(await decoded(bytes, [at, 1, 1]), text.slice(1));
  }
  const long = "é".repeat(100_000) + "x" + "😀".repeat(50_000);
  assert.equal(await decoded(new TextEncoder().encode(long), [3]), long);
});

Deno.test("the first line that is not UTF-8 is named", async () => {
  const lines = Array.from({ length: 50_000 }, (_, at) => `é${at}\n`);
  const bytes = new TextEncoder().encode(lines.join(""));
  for (const at of [0, 65_535, 65_536, 131_072, bytes.length - 1]) {
    const wrong = bytes.slice();
    wrong[at] = 0xff;
    const line = new TextDecoder().decode(bytes.subarray(0, at))
      .split("\n").length;
    await assert.rejects(
      decoded(wrong, [1000]),
      new RegExp(`a\\.csv, line ${line} is not valid UTF-8`),
      `byte ${at}`,
    );
  }
  await assert.rejects(
    decoded(Uint8Array.of(0x61, 10, 0xe2, 0x82), []),
    /line 2 is not valid UTF-8/,
  );
});

Deno.test("pieces have whole lines, if lines are short", async () => {
  const text = Array.from({ length: 40_000 }, (_, at) => `é${at}\n`).join("");
  const bytes = new TextEncoder().encode(`${text}last`);
  async function* parts() {
    for (let from = 0; from < bytes.length; from += 100_001) {
      yield await Promise.resolve(bytes.subarray(from, from + 100_001));
    }
  }
  const ends: string[] = [];
  let all = "";
  for await (const piece of textPieces(parts(), "item", "a.csv")) {
    assert.ok(piece.bytes.length < 1 << 17);
    all += piece.text();
    ends.push(all.slice(-1));
  }
  assert.equal(all, `${text}last`);
  assert.deepEqual(new Set(ends.slice(0, -1)), new Set(["\n"]));
});

Deno.test("a long line is cut between its characters", async () => {
  const text = `a${"é".repeat(5 << 20)}`;
  const bytes = new TextEncoder().encode(text);
  // A comparison that prints both texts would take minutes.
  assert.ok(await decoded(bytes, [1 << 18]) === text);
});
