import { Buffer } from "node:buffer";
import { CODE } from "./messages.ts";

/** A code and a length of four bytes, which includes itself. */
const HEADER = 5;
/** The size of the first buffer for a long message that arrives in parts, in bytes. */
const FIRST_SIZE = 1 << 16;

/** The receivers of a connection's messages. */
interface Receivers {
  /**
   * Takes a message, whose body is between two positions of the bytes. Returns
   * false if it is not for this receiver: then the other one gets this message
   * and all others of its query.
   */
  take(
    code: number,
    bytes: Buffer,
    view: DataView,
    at: number,
    end: number,
  ): boolean;
  /** Receives all other messages, whole and in order, one or several at once. */
  forward(messages: Buffer): void;
  /** Receives the tag of each command of another query, between two positions. */
  completed?(bytes: Buffer, at: number, end: number): void;
  /** Receives the status of the transaction at the end of each query: the code of I, T, or E. */
  ready?(status: number | undefined): void;
}

/** The messages that belong to a query. Its answer ends with `ReadyForQuery`. */
const OF_QUERY: ReadonlySet<number> = new Set([
  ...[CODE.parseComplete, CODE.bindComplete, CODE.commandComplete],
  ...[CODE.dataRow, CODE.emptyQuery, CODE.rowDescription, CODE.noData],
  ...[CODE.portalSuspended, CODE.parameterDescription],
]);

/**
 * Returns a function that splits received chunks into messages. A message that
 * lies in one chunk is not copied.
 */
export function createScanner(
  { take, forward, completed, ready }: Receivers,
): (chunk: Buffer) => void {
  const rest = createRest();
  let isOther = false;

  /** Handles the whole messages from a position on; returns the position of the incomplete one. */
  function scan(bytes: Buffer, from: number): number {
    const view = new DataView(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
    const limit = bytes.length;
    let at = from;
    // The messages from here on are not forwarded yet.
    let pending = from;
    const forwardTo = (end: number): void => {
      if (pending < end) {
        const messages = bytes.subarray(pending, end);
        pending = end;
        forward(messages);
      }
    };
    while (at + HEADER <= limit) {
      const end = at + 1 + view.getUint32(at + 1);
      if (end > limit) break;
      const code = bytes[at] ?? 0;
      if (code === CODE.readyForQuery) {
        // Another query may follow.
        isOther = false;
        ready?.(bytes[at + HEADER]);
        forwardTo(end);
      } else if (OF_QUERY.has(code)) {
        if (!isOther) {
          forwardTo(at);
          if (take(code, bytes, view, at + HEADER, end)) pending = end;
          else isOther = true;
        }
        if (isOther && code === CODE.commandComplete) {
          completed?.(bytes, at + HEADER, end);
        }
      }
      at = end;
    }
    forwardTo(at);
    return at;
  }

  return (chunk) => {
    let from = 0;
    if (rest.isOpen()) {
      from = rest.add(chunk);
      const message = rest.take();
      if (message === undefined) return;
      scan(message, 0);
    }
    const end = scan(chunk, from);
    if (end < chunk.length) rest.start(chunk, end);
  };
}

/** The beginning of a message that arrives in several chunks. */
interface Rest {
  isOpen(): boolean;
  /** Begins with the end of a chunk. */
  start(chunk: Buffer, from: number): void;
  /** Adds what belongs to the message; returns the position behind it. */
  add(chunk: Buffer): number;
  /** Returns the message and becomes empty, if the message is complete. */
  take(): Buffer | undefined;
}

function createRest(): Rest {
  let buffer = Buffer.alloc(0);
  let length = 0;

  /** The length of the whole message, as far as it is known; at least that of its header. */
  const needed = (): number =>
    length < HEADER ? HEADER : 1 + buffer.readUInt32BE(1);

  /** Appends bytes. The buffer doubles, so that each byte is copied a few times at most. */
  function append(chunk: Buffer, from: number, to: number): void {
    const size = length + to - from;
    if (size > buffer.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.max(
          size,
          Math.min(needed(), Math.max(buffer.length * 2, FIRST_SIZE)),
        ),
      );
      buffer.copy(grown, 0, 0, length);
      buffer = grown;
    }
    chunk.copy(buffer, length, from, to);
    length = size;
  }

  return {
    isOpen: () => length > 0,
    start(chunk, from) {
      append(chunk, from, chunk.length);
    },
    add(chunk) {
      let from = 0;
      while (length < needed() && from < chunk.length) {
        const to = Math.min(chunk.length, from + needed() - length);
        append(chunk, from, to);
        from = to;
      }
      return from;
    },
    take() {
      if (length < needed() || length < HEADER) return undefined;
      const message = buffer.subarray(0, length);
      buffer = Buffer.alloc(0);
      length = 0;
      return message;
    },
  };
}
