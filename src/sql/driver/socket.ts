import { Socket } from "node:net";

/** Creates a socket that reports every failure to connect as an event. Deno throws if it lacks a permission for a socket in a folder, and then the client would wait forever. */
export function createSocket(): Socket {
  const socket = new Socket();
  return Object.assign(socket, {
    connect(...to: unknown[]): Socket {
      try {
        return Reflect.apply(Socket.prototype.connect, socket, to);
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
