/** A proxy to a server on the loopback interface that swallows bytes, as a firewall does which forgot a connection. */
export interface SwallowingProxy {
  readonly port: number;
  /** Swallows everything in both directions; the connections stay open, and new ones get no answer. */
  swallowAll(): void;
  /** Swallows the answers from now on, on the connection that sends a message with this word. */
  swallowAnswersTo(word: string): void;
  /** Whether no connection has sent the word of {@link swallowAnswersTo} yet. */
  awaits(): boolean;
  /** Swallows all answers after the connection that sends this word received some bytes. */
  swallowAllAfter(word: string, bytes: number): void;
  /** Swallows all connections when one of them sent some more bytes. */
  swallowAllAfterSent(bytes: number): void;
  /** Forwards the bytes of new connections again. Those that lost bytes stay dead. */
  restore(): void;
  /** The number of connections that clients opened and did not close. */
  open(): number;
  close(): void;
}

interface Link {
  isDead: boolean;
  /** The bytes that the client still receives before everything is swallowed. */
  rest: number | undefined;
}

/** Starts a proxy to a port. */
export function startSwallowingProxy(port: number): SwallowingProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const links = new Map<Link, readonly Deno.Conn[]>();
  const text = new TextDecoder("latin1");
  let isHole = false;
  let lost: string | undefined;
  let after: { readonly word: string; readonly bytes: number } | undefined;
  let sent: number | undefined;

  function swallowAll(): void {
    isHole = true;
    for (const link of links.keys()) link.isDead = true;
  }

  async function pump(
    from: Deno.Conn,
    to: Deno.Conn,
    pass: (chunk: Uint8Array) => Uint8Array,
  ): Promise<void> {
    const buffer = new Uint8Array(1 << 16);
    for (;;) {
      const count = await from.read(buffer);
      if (count === null) return;
      let chunk = pass(buffer.subarray(0, count));
      while (chunk.length > 0) chunk = chunk.subarray(await to.write(chunk));
    }
  }

  function request(link: Link, chunk: Uint8Array): Uint8Array {
    if (link.isDead) return new Uint8Array();
    if (sent !== undefined && (sent -= chunk.length) <= 0) {
      sent = undefined;
      swallowAll();
      return new Uint8Array();
    }
    const words = text.decode(chunk);
    if (lost !== undefined && words.includes(lost)) {
      lost = undefined;
      link.rest = 0;
    }
    if (after !== undefined && words.includes(after.word)) {
      link.rest = after.bytes;
    }
    return chunk;
  }

  function answer(link: Link, chunk: Uint8Array): Uint8Array {
    if (link.isDead) return new Uint8Array();
    if (link.rest === undefined) return chunk;
    const passed = chunk.subarray(0, link.rest);
    link.rest -= passed.length;
    if (link.rest === 0) {
      link.isDead = true;
      if (after !== undefined) swallowAll();
      after = undefined;
    }
    return passed;
  }

  async function serve(client: Deno.Conn): Promise<void> {
    const link: Link = { isDead: isHole, rest: undefined };
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    links.set(link, [client, server]);
    const toServer = pump(client, server, (chunk) => request(link, chunk));
    const toClient = pump(server, client, (chunk) => answer(link, chunk));
    // The server does not learn the end of a client behind a hole, and the other way round.
    await toServer.catch(() => {});
    shut(client);
    links.delete(link);
    shut(server);
    await toClient.catch(() => {});
  }

  async function accept(): Promise<void> {
    for await (const client of listener) serve(client).catch(() => {});
  }
  accept().catch(() => {});
  return {
    port: listener.addr.port,
    swallowAll,
    swallowAnswersTo(word) {
      lost = word;
    },
    awaits: () => lost !== undefined,
    swallowAllAfter(word, bytes) {
      after = { word, bytes };
    },
    swallowAllAfterSent(bytes) {
      sent = bytes;
    },
    restore() {
      isHole = false;
    },
    open: () => links.size,
    close() {
      listener.close();
      for (const pair of links.values()) pair.forEach(shut);
    },
  };
}

function shut(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch { /* already closed */ }
}
