import { Socket } from "node:net";

/**
 * Creates a socket that reports every failure to connect as an event. Deno throws
 * if it lacks a permission for a socket in a folder, and then the client would
 * wait forever.
 *
 * @param address the address to connect to, in place of the host that the client names
 */
export function createSocket(address?: string): Socket {
  const socket = new Socket();
  return Object.assign(socket, {
    connect(...to: unknown[]): Socket {
      try {
        return Reflect.apply(
          Socket.prototype.connect,
          socket,
          address === undefined ? to : [to[0], address],
        );
      } catch (error) {
        const reason = error instanceof Error
          ? error
          : new Error(String(error));
        queueMicrotask(() => socket.destroy(reason));
        return socket;
      }
    },
  });
}
