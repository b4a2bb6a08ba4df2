import { DamagedData } from "./damaged_data.ts";
import { startsWith, ZSTD } from "./signature.ts";

/** A part of a zstd frame. */
interface FramePart {
  readonly bytes: Uint8Array;
  /** Whether the frame ends with it. */
  readonly isEnd: boolean;
}

/** The end of the magic number of a skippable frame; its first byte is 0x50 to 0x5f. */
const SKIPPABLE = [0x2a, 0x4d, 0x18];
/** Bytes of the dictionary id and of the content size, by their flags in the frame header. */
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const SIZE_BYTES = [0, 2, 4, 8] as const;
/** The type of a block that repeats one byte. */
const REPEATED = 1;
/** The block type that RFC 8878 reserves. */
const RESERVED = 3;

/** Whether bytes begin with a frame that contains data for other programs, as pzstd writes them. */
export function isSkippable(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0xf0) === 0x50 && startsWith(bytes, SKIPPABLE, 1);
}

/**
 * Divides zstd data (RFC 8878) into the parts of its frames, without skippable
 * frames. A decompressor takes one frame, and does not report that it is cut off.
 *
 * @throws {DamagedData} if the data is cut off, or other data follows a frame
 */
export async function* zstdFrames(
  parts: AsyncIterable<Uint8Array>,
): AsyncGenerator<FramePart> {
  const steps = frameSteps();
  let step = nextStep(steps);
  let needed = new Uint8Array(step.bytes);
  let filled = 0;
  let isSkipped = false;
  for await (const part of parts) {
    let start = 0;
    for (let at = 0; at < part.length;) {
      const size = Math.min(step.bytes - filled, part.length - at);
      if (step.isRead) needed.set(part.subarray(at, at + size), filled);
      at += size;
      filled += size;
      if (filled < step.bytes) break;
      if (step.isStart) {
        isSkipped = isSkippable(needed);
        if (!isSkipped) yield { bytes: needed, isEnd: false };
        start = at;
      }
      step = nextStep(steps, needed);
      [needed, filled] = [new Uint8Array(step.isRead ? step.bytes : 0), 0];
      if (!step.isStart) continue;
      if (!isSkipped) yield { bytes: part.subarray(start, at), isEnd: true };
      start = at;
    }
    if (start < part.length && !isSkipped && !step.isStart) {
      yield { bytes: part.subarray(start), isEnd: false };
    }
  }
  if (!step.isStart || filled > 0) {
    throw new DamagedData("unexpected end of file");
  }
}

/** The next bytes of a frame. */
interface Step {
  /** Their number, 1 or more. */
  readonly bytes: number;
  /** Whether they must be read to know what follows. */
  readonly isRead: boolean;
  /** Whether a frame begins with them. */
  readonly isStart?: boolean;
}

/** Returns the steps of frame after frame. A step receives the bytes of the one before if it must be read. */
function* frameSteps(): Generator<Step, never, Uint8Array> {
  for (;;) {
    const magic = yield { bytes: 4, isRead: true, isStart: true };
    if (isSkippable(magic)) {
      const bytes = numberOf(yield { bytes: 4, isRead: true });
      if (bytes > 0) yield { bytes, isRead: false };
      continue;
    }
    if (!startsWith(magic, ZSTD)) {
      throw new DamagedData("other data follows a zstd frame");
    }
    const flags = numberOf(yield { bytes: 1, isRead: true });
    const rest = headerBytes(flags);
    if (rest > 0) yield { bytes: rest, isRead: false };
    yield* blockSteps();
    const hasChecksum = (flags & 4) !== 0;
    if (hasChecksum) yield { bytes: 4, isRead: false };
  }
}

function* blockSteps(): Generator<Step, void, Uint8Array> {
  for (let isLast = false; !isLast;) {
    const header = numberOf(yield { bytes: 3, isRead: true });
    isLast = (header & 1) === 1;
    const type = (header >> 1) & 3;
    if (type === RESERVED) throw new DamagedData("unknown zstd block");
    const bytes = type === REPEATED ? 1 : header >> 3;
    if (bytes > 0) yield { bytes, isRead: false };
  }
}

/** Returns the number of bytes between the flags of a frame and its first block. */
function headerBytes(flags: number): number {
  const isSingle = (flags & 0x20) !== 0;
  const size = flags >> 6;
  const window = isSingle ? 0 : 1;
  const content = size === 0 && isSingle ? 1 : SIZE_BYTES[size] ?? 0;
  return window + (DICTIONARY_BYTES[flags & 3] ?? 0) + content;
}

function nextStep(
  steps: Generator<Step, never, Uint8Array>,
  bytes: Uint8Array = new Uint8Array(),
): Step {
  return steps.next(bytes).value;
}

function numberOf(bytes: Uint8Array): number {
  return bytes.reduceRight((number, byte) => number * 256 + byte, 0);
}
