/** A proxy to a server on the loopback interface that drops the answer to a statement. */
export interface Proxy {
  /** The port. */
  readonly port: number;
  /** Closes the proxy and its connections. */
  close(): void;
}

/**
 * Starts a proxy to a port. It forwards a message that contains the word, and
 * closes the client's connection before the answer.
 *
 * @param hold if given, the proxy forwards such a message only after this resolves, and forwards the answer
 * @param times how many answers it drops; all by default
 */
export function startProxy(
  port: number,
  word: string,
  hold?: () => Promise<unknown>,
  times: number = Infinity,
): Proxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const text = new TextDecoder();
  let left = times;

  async function serve(client: Deno.Conn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    open.add(client).add(server);
    let cut = false;
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      async transform(chunk, controller) {
        const found = text.decode(chunk).includes(word);
        if (found && hold !== undefined) await hold();
        cut ||= found && hold === undefined && left-- > 0;
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
        } catch { /* already closed */ }
      }
    },
  };
}
