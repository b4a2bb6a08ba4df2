/** A way to a server on loopback that is cut at a word. */
export interface Proxy {
  /** Where it listens. */
  readonly port: number;
  /** Ends it, and what goes through it. */
  close(): void;
}

/**
 * Forwards to a port; a client that sends the word has it forwarded, and no
 * answer.
 *
 * @param hold where given, what has the word is forwarded when this is over, and answered
 */
export function startProxy(
  port: number,
  word: string,
  hold?: () => Promise<unknown>,
): Proxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const text = new TextDecoder();

  async function serve(client: Deno.Conn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    open.add(client).add(server);
    let cut = false;
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      async transform(chunk, controller) {
        const found = text.decode(chunk).includes(word);
        if (found && hold !== undefined) await hold();
        cut ||= found && hold === undefined;
        controller.enqueue(chunk);
      },
    });
    const answers = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (cut) controller.terminate();
        else controller.enqueue(chunk);
      },
    });
    await Promise.allSettled([
      client.readable.pipeThrough(watch).pipeTo(server.writable),
      server.readable.pipeThrough(answers).pipeTo(client.writable),
    ]);
  }

  async function accept(): Promise<void> {
    for await (const client of listener) serve(client);
  }
  accept().catch(() => {});
  return {
    port: listener.addr.port,
    close() {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch { /* it has ended already */ }
      }
    },
  };
}
