// Splits the streams of a connection at the boundaries of messages.

/** A protocol between a client and a server, without TLS. */
export type Protocol = "postgresql" | "mongodb";

/** The sender of a message. */
export type Side = "client" | "server";

/** One message of a protocol. */
export interface Message {
  readonly from: Side;
  /** On PostgreSQL the type, as in `execute` and `commandComplete`; on MongoDB the command, also of its answer. */
  readonly kind: string;
  readonly bytes: Uint8Array;
}

/** Takes the next bytes of a stream, and returns the messages that they complete. */
type Splitter = (chunk: Uint8Array) => Message[];

/** Creates the splitters of a connection. */
export function splitters(
  protocol: Protocol,
): Readonly<Record<Side, Splitter>> {
  return protocol === "postgresql" ? postgresql() : mongodb();
}

const CLIENT_KINDS: Readonly<Record<string, string>> = {
  ...{ B: "bind", C: "close", D: "describe", E: "execute", H: "flush" },
  ...{ P: "parse", Q: "query", S: "sync", X: "terminate", p: "password" },
  ...{ d: "copyData", c: "copyDone", f: "copyFail" },
};
const SERVER_KINDS: Readonly<Record<string, string>> = {
  ...{ R: "authentication", K: "backendKeyData", S: "parameterStatus" },
  ...{ Z: "readyForQuery", T: "rowDescription", D: "dataRow" },
  ...{ C: "commandComplete", E: "error", N: "notice", I: "emptyQuery" },
  ...{ 1: "parseComplete", 2: "bindComplete", 3: "closeComplete" },
  ...{ G: "copyIn", n: "noData", s: "portalSuspended", t: "parameters" },
};
/** The codes of PostgreSQL's first messages, which have no type. */
const FIRST: Readonly<Record<number, string>> = {
  80877102: "cancel",
  80877103: "ssl",
  80877104: "gss",
};

function postgresql(): Record<Side, Splitter> {
  const [client, server] = [byteQueue(), byteQueue()];
  let isStarted = false;
  /** Answers of one byte that the server owes. */
  let answers = 0;
  const next = (queue: ByteQueue, from: Side): Message | undefined => {
    if (from === "server" && answers > 0) {
      const bytes = queue.take(1);
      if (bytes === undefined) return undefined;
      answers--;
      return { from, kind: "ssl", bytes };
    }
    const hasType = from === "server" || isStarted;
    const head = queue.peek(hasType ? 5 : 8);
    if (head === undefined) return undefined;
    const view = new DataView(head.buffer, head.byteOffset);
    const bytes = queue.take(
      hasType ? view.getUint32(1) + 1 : view.getUint32(0),
    );
    if (bytes === undefined) return undefined;
    if (hasType) {
      const type = String.fromCharCode(head[0] ?? 0);
      const kinds = from === "client" ? CLIENT_KINDS : SERVER_KINDS;
      return { from, kind: kinds[type] ?? type, bytes };
    }
    const kind = FIRST[view.getUint32(4)] ?? "startup";
    if (kind === "startup") isStarted = true;
    if (kind === "ssl" || kind === "gss") answers++;
    return { from, kind, bytes };
  };
  return {
    client: splitter(client, () => next(client, "client")),
    server: splitter(server, () => next(server, "server")),
  };
}

/** OP_MSG with sections of which the first is the command. */
const OP_MSG = 2013;
const HEADER = 16;

function mongodb(): Record<Side, Splitter> {
  /** The commands that the server has not answered, by the number of their request. */
  const asked = new Map<number, string>();
  const next = (queue: ByteQueue, from: Side): Message | undefined => {
    const head = queue.peek(HEADER);
    if (head === undefined) return undefined;
    const view = new DataView(head.buffer, head.byteOffset);
    const bytes = queue.take(view.getInt32(0, true));
    if (bytes === undefined) return undefined;
    if (from === "server") {
      const request = view.getInt32(8, true);
      // A server may answer a hello more than once.
      return { from, kind: asked.get(request) ?? "hello", bytes };
    }
    const kind = view.getInt32(12, true) === OP_MSG
      ? commandOf(bytes)
      : "hello";
    asked.set(view.getInt32(4, true), kind);
    if (asked.size > 1_000) asked.delete(asked.keys().next().value ?? 0);
    return { from, kind, bytes };
  };
  const [client, server] = [byteQueue(), byteQueue()];
  return {
    client: splitter(client, () => next(client, "client")),
    server: splitter(server, () => next(server, "server")),
  };
}

/** The first key of the first section: flags, the section's kind, the document's length and the element's type precede it. */
function commandOf(bytes: Uint8Array): string {
  const start = HEADER + 4 + 1 + 4 + 1;
  return new TextDecoder().decode(
    bytes.subarray(start, bytes.indexOf(0, start)),
  );
}

function splitter(queue: ByteQueue, next: () => Message | undefined): Splitter {
  return (chunk) => {
    queue.add(chunk);
    const messages: Message[] = [];
    for (let message = next(); message !== undefined; message = next()) {
      messages.push(message);
    }
    return messages;
  };
}

interface ByteQueue {
  add(chunk: Uint8Array): void;
  /** The next bytes, which stay; undefined if there are fewer. */
  peek(count: number): Uint8Array | undefined;
  /** Removes the next bytes; undefined if there are fewer. */
  take(count: number): Uint8Array | undefined;
}

/** Keeps chunks apart until a message is complete, so that large messages are copied once. */
function byteQueue(): ByteQueue {
  let chunks: Uint8Array[] = [];
  let total = 0;
  const first = (count: number): Uint8Array => {
    const [chunk] = chunks;
    if (chunk !== undefined && chunk.length >= count) return chunk;
    const joined = new Uint8Array(total);
    let at = 0;
    for (const chunk of chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    chunks = [joined];
    return joined;
  };
  return {
    add(chunk) {
      chunks.push(chunk);
      total += chunk.length;
    },
    peek: (count) =>
      total < count ? undefined : first(count).subarray(0, count),
    take(count) {
      if (total < count) return undefined;
      const chunk = first(count);
      chunks[0] = chunk.subarray(count);
      total -= count;
      return chunk.subarray(0, count);
    },
  };
}
