import process from "node:process";
import type { Socket } from "./client_socket.ts";
import { Messages } from "./protocol/messages.ts";

/** Collects messages to a socket, and sends them. */
export interface TurnWriter {
  /** The messages that are not sent yet. */
  readonly messages: Messages;
  /** Sends them now. */
  flush(): void;
  /** Sends them once for all statements of a turn of the event loop: each write is a system call, and wakes up the server. */
  flushAfterTurn(): void;
}

const writers = new WeakMap<Socket, TurnWriter>();

/** Returns the writer of a socket. */
export function writerOf(socket: Socket): TurnWriter {
  const known = writers.get(socket);
  if (known !== undefined) return known;
  const writer = createWriter(socket);
  writers.set(socket, writer);
  return writer;
}

function createWriter(socket: Socket): TurnWriter {
  const messages = new Messages();
  let isScheduled = false;

  function flush(): void {
    isScheduled = false;
    if (messages.length === 0) return;
    const bytes = messages.take();
    if (socket.writable) socket.write(bytes);
  }

  return {
    messages,
    flush,
    flushAfterTurn() {
      if (isScheduled || messages.length === 0) return;
      isScheduled = true;
      process.nextTick(flush);
    },
  };
}
