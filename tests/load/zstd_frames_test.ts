// Frames of zstd with every form of header and block, written byte by byte.
import assert from "node:assert/strict";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { DamagedData } from "../../src/load/input/damaged_data.ts";
import { zstdFrames } from "../../src/load/input/zstd_frames.ts";
import { joined } from "../support/avro.ts";

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const TEXT = "id,name\n";
/** A stored block of 8 bytes, and then the last one, which repeats a byte 300 times. */
const BLOCKS = [
  ...[8 << 3, 0, 0, ...new TextEncoder().encode(TEXT)],
  ...[300 << 3 & 255 | 3, 300 >> 5, 0, 97],
];
/** The size of the content in 8 bytes. */
const SIZE = [308 & 255, 1, 0, 0, 0, 0, 0, 0];
/** The same in 2 bytes, in which 256 is left out. */
const SHORT_SIZE = [308 - 256, 0];
const WINDOW = 0x38;

function frame(...rest: readonly number[]): Uint8Array {
  return new Uint8Array([...MAGIC, ...rest]);
}

/** Frames of the same content. */
const FRAMES = [
  frame(0, WINDOW, ...BLOCKS),
  frame(0x40, WINDOW, ...SHORT_SIZE, ...BLOCKS),
  frame(0x80, WINDOW, ...SIZE.slice(0, 4), ...BLOCKS),
  frame(0xc0, WINDOW, ...SIZE, ...BLOCKS),
  // One segment, without a window.
  frame(0x60, ...SHORT_SIZE, ...BLOCKS),
  frame(0xa0, ...SIZE.slice(0, 4), ...BLOCKS),
  // Dictionary 0, which is none, in 1, 2, and 4 bytes.
  frame(0x01, WINDOW, 0, ...BLOCKS),
  frame(0x02, WINDOW, 0, 0, ...BLOCKS),
  frame(0x03, WINDOW, 0, 0, 0, 0, ...BLOCKS),
];
/** One segment with a size of 1 byte: 8. */
const SMALL = frame(0x20, 8, 8 << 3 | 1, 0, 0, ...BLOCKS.slice(3, 11));

/** A frame with a checksum, and one that zstd programs skip, of some bytes. */
const CHECKED = zstdCompressSync(TEXT, {
  params: { [constants.ZSTD_c_checksumFlag]: 1 },
});
const skipped = (size: number): Uint8Array =>
  new Uint8Array([
    0x5f,
    0x2a,
    0x4d,
    0x18,
    size,
    0,
    0,
    0,
    ...MAGIC.slice(0, size),
  ]);

/** Returns the frames of parts of some size. */
async function framesOf(bytes: Uint8Array, size: number): Promise<string[]> {
  async function* parts() {
    for (let at = 0; at < bytes.length; at += size) {
      yield await Promise.resolve(bytes.subarray(at, at + size));
    }
  }
  const frames = [""];
  for await (const { bytes, isEnd } of zstdFrames(parts())) {
    frames[frames.length - 1] += bytes.toHex();
    if (isEnd) frames.push("");
  }
  assert.equal(frames.pop(), "");
  return frames;
}

Deno.test("the frames are those that zstd reads", () => {
  for (const frame of FRAMES) {
    const text = zstdDecompressSync(frame).toString();
    assert.equal(text, TEXT + "a".repeat(300), frame.toHex());
  }
  for (const frame of [SMALL, CHECKED]) {
    assert.equal(zstdDecompressSync(frame).toString(), TEXT);
  }
});

Deno.test("zstd is divided at the ends of frames, of every header and block", async () => {
  const frames = [...FRAMES, SMALL, CHECKED];
  const bytes = joined(
    skipped(0),
    ...frames.flatMap((frame) => [frame, skipped(3)]),
    skipped(0),
  );
  for (const size of [1, 2, 7, bytes.length]) {
    assert.deepEqual(
      await framesOf(bytes, size),
      frames.map((frame) => frame.toHex()),
    );
  }
});

Deno.test("zstd that ends within a frame is cut off", async () => {
  for (const frame of [...FRAMES, SMALL, CHECKED, skipped(3)]) {
    for (let end = 1; end < frame.length; end++) {
      await assert.rejects(framesOf(frame.subarray(0, end), 16), DamagedData);
    }
  }
});
