import type { PGlite } from "@electric-sql/pglite";
import { Buffer } from "node:buffer";
import type { Command, Done, Rows } from "../link/link.ts";
import { readError } from "./protocol/error_response.ts";
import { createExchange, type Exchange } from "./protocol/exchange.ts";
import { CODE, Messages } from "./protocol/messages.ts";
import { createScanner } from "./protocol/scanner.ts";
import { recordFailure } from "./record_failure.ts";

const SYNC = new Messages().sync().take();

/** Executes a statement on PGlite, which describes each statement before its values are bound: no network delays that. */
export async function queryPglite(
  db: PGlite,
  command: Command,
  rows: Rows | undefined,
): Promise<Done> {
  await db._checkReady();
  return await db._runExclusiveTransaction(async () => {
    const done = await queryInTransaction(db, command, rows);
    await db.syncToFs();
    return done;
  });
}

/** Executes a statement for the caller whose transaction blocks all others. */
export function queryInTransaction(
  db: PGlite,
  { text, values }: Command,
  rows: Rows | undefined,
): Promise<Done> {
  return db.runExclusive(async () => {
    const messages = new Messages();
    const exchange = createExchange(
      {
        messages,
        prepared: new Map(),
        descriptions: { get: () => undefined, set: () => {} },
        isSocket: false,
        isPipelined: false,
      },
      { text, values },
      rows,
    );
    try {
      exchange.start();
      while (messages.length > 0) {
        await roundTrip(db, exchange, messages.take());
      }
    } finally {
      // PGlite reads these answers itself: they can contain notifications.
      await db.execProtocolStream(SYNC, { syncToFs: false });
    }
    const failure = exchange.failure();
    if (failure !== undefined) {
      recordFailure(failure, exchange);
      throw failure;
    }
    return { count: exchange.count() };
  });
}

/** Sends messages and handles the answers. */
async function roundTrip(
  db: PGlite,
  exchange: Exchange,
  messages: Buffer,
): Promise<void> {
  let error: Error | undefined;
  const scan = createScanner({
    take(...answer) {
      exchange.receive(...answer);
      return true;
    },
    forward(messages) {
      error ??= firstError(messages);
    },
  });
  await db.execProtocolRawStream(messages, {
    syncToFs: false,
    onRawData: ({ buffer, byteOffset, byteLength }) =>
      scan(Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)),
  });
  if (error !== undefined) throw error;
}

function firstError(messages: Buffer): Error | undefined {
  for (let at = 0; at < messages.length;) {
    if (messages[at] === CODE.error) return readError(messages, at + 5);
    at += 1 + messages.readUInt32BE(at + 1);
  }
  return undefined;
}
