/** A connection pooler in transaction mode, like PgBouncer: a client holds a server session for one transaction. */
interface Pooler {
  /** The port. */
  readonly port: number;
  /** Closes the pooler and its connections. */
  close(): void;
}

/** A message of the protocol after the startup: its type and its bytes. */
interface Message {
  readonly kind: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A server session, in use or idle. */
interface Lent {
  readonly server: Deno.Conn;
  client: Deno.Conn | undefined;
  /** The number of pending answers. */
  open: number;
  /** Whether the startup is complete. */
  kept: boolean;
}

/** The types of messages that the server answers with ReadyForQuery. */
const ASKS = ["Q", "S"];

/**
 * Starts a pooler of the server sessions that clients open.
 *
 * @param order whether the session returned last is used first, as PgBouncer does, or last
 * @param size the maximum number of sessions
 */
export function startPooler(
  port: number,
  order: "last" | "round",
  size: number,
): Pooler {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const all = new Set<Deno.Conn>();
  const idle: Lent[] = [];
  const waiting: ((lent: Lent) => void)[] = [];

  let kept = 0;

  /** Keeps the session of a client, unless the pool is full. */
  function keep(lent: Lent): void {
    if (kept === size) {
      lent.client = undefined;
      return lent.server.close();
    }
    kept++;
    back(lent);
  }

  function back(lent: Lent): void {
    lent.client = undefined;
    const next = waiting.shift();
    if (next === undefined) idle.push(lent);
    else next(lent);
  }

  async function lend(): Promise<Lent> {
    return (order === "last" ? idle.pop() : idle.shift()) ??
      await new Promise<Lent>((resolve) => waiting.push(resolve));
  }

  /** Forwards the messages of a server session to its client, until the session is ready and outside a transaction. */
  async function serve(lent: Lent, ready: () => void): Promise<void> {
    for await (const { kind, bytes } of messages(lent.server)) {
      // The pooler reports a process ID of its own.
      if (kind === "K") new DataView(bytes.buffer).setInt32(5, 77);
      await lent.client?.write(bytes).catch(() => {});
      if (kind !== "Z") continue;
      lent.open--;
      if (!lent.kept) {
        lent.kept = true;
        keep(lent);
        ready();
      } else if (lent.open <= 0 && bytes.at(-1) === "I".charCodeAt(0)) {
        back(lent);
      }
    }
  }

  async function attend(client: Deno.Conn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    all.add(client).add(server);
    const started = Promise.withResolvers<void>();
    let lent: Lent = { server, client, open: 1, kept: false };
    serve(lent, started.resolve).catch(() => {});
    const length = await read(client, 4);
    await server.write(length);
    await server.write(await read(client, sizeAt(length, 0) - 4));
    for await (const { kind, bytes } of messages(client)) {
      if (kind === "X") break;
      if (kind === "p") {
        await server.write(bytes);
        continue;
      }
      await started.promise;
      if (lent.client !== client) {
        lent = await lend();
        lent.client = client;
        lent.open = 0;
      }
      if (ASKS.includes(kind)) lent.open++;
      await lent.server.write(bytes);
    }
  }

  async function accept(): Promise<void> {
    for await (const client of listener) attend(client).catch(() => {});
  }
  accept().catch(() => {});
  return {
    port: listener.addr.port,
    close() {
      listener.close();
      for (const connection of all) {
        try {
          connection.close();
        } catch { /* it has ended already */ }
      }
    },
  };
}

async function* messages(connection: Deno.Conn): AsyncGenerator<Message> {
  for (;;) {
    const head = await read(connection, 5);
    const body = await read(connection, sizeAt(head, 1) - 4);
    const bytes = new Uint8Array(head.length + body.length);
    bytes.set(head);
    bytes.set(body, head.length);
    yield { kind: String.fromCharCode(head[0] ?? 0), bytes };
  }
}

function sizeAt(bytes: Uint8Array<ArrayBuffer>, at: number): number {
  return new DataView(bytes.buffer).getInt32(at);
}

async function read(
  connection: Deno.Conn,
  count: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const had = await connection.read(bytes.subarray(at));
    if (had === null) throw new Error("It has ended");
    at += had;
  }
  return bytes;
}
