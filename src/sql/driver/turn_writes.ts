import type { EventEmitter } from "node:events";
import process from "node:process";

/** The socket of a client: the events and methods that this package uses, which `@types/pg` has no types for. */
export interface Socket extends EventEmitter {
  readonly writable: boolean;
  write(bytes: Uint8Array): boolean;
  cork(): void;
  uncork(): void;
}

const corked = new WeakSet<Socket>();

/** Writes to a socket once for all statements of a turn of the event loop: each write is a system call, and wakes up the server. */
export function writeOnceInTurn(socket: Socket, bytes: Uint8Array): void {
  if (!corked.has(socket)) {
    corked.add(socket);
    socket.cork();
    process.nextTick(() => {
      corked.delete(socket);
      socket.uncork();
    });
  }
  socket.write(bytes);
}
