// A proxy between a client and a server that causes faults at messages.
import { type Message, type Protocol, splitters } from "./messages.ts";
import {
  decisiveFaults,
  type FaultRule,
  hasText,
  randomFaults,
  type Schedule,
  schedule,
} from "./schedule.ts";

/** A random fault whose message does not come gives way to the next one after this many messages. */
const PATIENCE = 40;

/** The least number of random faults of a run, after those that every run has. */
const ENOUGH = 5;

/** Options of a proxy. */
interface FaultOptions {
  /** The port of the server, on the loopback interface. */
  readonly port: number;
  readonly protocol: Protocol;
  /** The faults, one after the other (default: none). */
  readonly plan?: readonly FaultRule[];
  /** Causes the loss of each message that decides the outcome of a write, then random faults without end, always the same for a seed. */
  readonly seed?: number;
  /** The port of the proxy (default: a free one). */
  readonly listen?: number;
}

/** A proxy that causes faults. */
export interface FaultProxy extends AsyncDisposable {
  /** The port of the proxy. */
  readonly port: number;
  /** The faults so far, for messages of a failed test. */
  readonly faults: readonly string[];
  /** Waits for a time, and until there are some faults. */
  disturb(ms: number): Promise<void>;
  /** Forwards everything from now on; connections that swallow end. */
  heal(): void;
  /**
   * Swallows everything on every connection, also on new ones, until `heal`.
   *
   * @param contains limits this to connections whose client sends this text
   */
  swallow(contains?: string): void;
  /** Ends every connection. */
  cut(): void;
}

interface Pair {
  readonly client: Deno.Conn;
  readonly server: Deno.Conn;
  isSwallowed: boolean;
  /** Resolves when the server's messages are forwarded again. */
  answers: Promise<void>;
}

/** Starts a proxy on the loopback interface. */
export function startFaultProxy(
  { port, protocol, plan = [], seed, listen = 0 }: FaultOptions,
): FaultProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: listen });
  const pairs = new Set<Pair>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const faults: string[] = [];
  const none: Schedule = { next: () => undefined };
  const first = decisiveFaults(protocol);
  let due = seed === undefined
    ? schedule(plan)
    : schedule(inOrder(first, randomFaults(seed, protocol)), PATIENCE);
  let swallowed: ((message: Message) => boolean) | undefined;

  function after(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        resolve();
      }, ms);
      timers.add(timer);
    });
  }

  async function serve(client: Deno.Conn): Promise<void> {
    let server: Deno.Conn;
    try {
      server = await Deno.connect({ hostname: "127.0.0.1", port });
    } catch {
      client.close();
      return;
    }
    const pair: Pair = {
      client,
      server,
      isSwallowed: false,
      answers: Promise.resolve(),
    };
    pairs.add(pair);
    const split = splitters(protocol);
    // A peer does not notice that the other one is gone while the network swallows.
    const lost = (): void => {
      if (!pair.isSwallowed) end(pair);
    };
    await Promise.all([
      forward(pair, client, server, split.client).catch(lost),
      forward(pair, server, client, split.server).catch(lost),
    ]);
    lost();
  }

  async function forward(
    pair: Pair,
    source: Deno.Conn,
    target: Deno.Conn,
    split: (chunk: Uint8Array) => Message[],
  ): Promise<void> {
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const count = await source.read(buffer);
      if (count === null) break;
      if (pair.isSwallowed) continue;
      let unsent: Uint8Array[] = [];
      for (const message of split(buffer.slice(0, count))) {
        if (message.from === "server") await pair.answers;
        pair.isSwallowed ||= swallowed?.(message) === true;
        if (pair.isSwallowed) break;
        const rule = due.next(message);
        if (rule === undefined) {
          unsent.push(message.bytes);
          continue;
        }
        note(rule, message);
        await send(target, unsent);
        unsent = [];
        if (await strike(pair, rule, target, message)) return;
        if (pair.isSwallowed) break;
      }
      await send(target, unsent);
    }
    if (!pair.isSwallowed) await target.closeWrite();
  }

  /** Causes a fault. Returns whether it ends the connection. */
  async function strike(
    pair: Pair,
    { action, ms }: FaultRule,
    target: Deno.Conn,
    { bytes }: Message,
  ): Promise<boolean> {
    switch (action) {
      case "delay":
        await after(ms ?? 0);
        await send(target, [bytes]);
        return false;
      case "late":
        pair.answers = after(ms ?? 0);
        await send(target, [bytes]);
        return false;
      case "swallow":
        pair.isSwallowed = true;
        if (ms !== undefined) after(ms).then(() => end(pair));
        return false;
      case "cut after":
        await send(target, [bytes]);
        break;
      case "reset":
        await send(target, [bytes.subarray(0, Math.ceil(bytes.length / 2))]);
        break;
    }
    end(pair);
    return true;
  }

  function note({ action, ms }: FaultRule, { from, kind }: Message): void {
    const time = ms === undefined ? "" : ` for ${ms} ms`;
    faults.push(`${action}${time} at ${kind} of the ${from}`);
  }

  function end(pair: Pair): void {
    pairs.delete(pair);
    for (const side of [pair.client, pair.server]) {
      try {
        side.close();
      } catch { /* it has ended already */ }
    }
  }

  async function accept(): Promise<void> {
    for await (const client of listener) serve(client);
  }
  accept().catch(() => {});
  return {
    port: listener.addr.port,
    faults,
    async disturb(ms) {
      await after(ms);
      while (faults.length < first.length + ENOUGH) await after(20);
    },
    heal() {
      due = none;
      swallowed = undefined;
      for (const pair of pairs) if (pair.isSwallowed) end(pair);
    },
    swallow(contains) {
      swallowed = ({ from, bytes }) =>
        contains === undefined ||
        (from === "client" && hasText(bytes, contains));
      if (contains !== undefined) return;
      for (const pair of pairs) pair.isSwallowed = true;
    },
    cut() {
      for (const pair of pairs) end(pair);
    },
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer);
      listener.close();
      for (const pair of pairs) end(pair);
      await Promise.resolve();
    },
  };
}

async function send(
  target: Deno.Conn,
  messages: readonly Uint8Array[],
): Promise<void> {
  const bytes = messages.length === 1 ? messages[0] : joined(messages);
  for (let sent = 0; bytes !== undefined && sent < bytes.length;) {
    sent += await target.write(bytes.subarray(sent));
  }
}

function* inOrder(
  ...parts: readonly Iterable<FaultRule>[]
): Generator<FaultRule> {
  for (const part of parts) yield* part;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(
    parts.reduce((total, { length }) => total + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
