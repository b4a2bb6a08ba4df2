// @ts-types="@types/pg-copy-streams"
import { from as copyFrom } from "pg-copy-streams";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ClientBase } from "pg";
import { setFeeding } from "./client_socket.ts";

/** Sends rows in PostgreSQL's binary format into a table, and returns how many the server wrote. */
export async function copyIn(
  client: ClientBase,
  target: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<number> {
  const stream = client.query(
    copyFrom(`copy ${target} from stdin (format binary)`),
  );
  await pipeline(Readable.from(fedTo(client, chunks)), stream);
  return stream.rowCount;
}

/** Passes chunks on, and records the time in which the client waits for them. */
async function* fedTo(
  client: ClientBase,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  setFeeding(client, true);
  try {
    for await (const chunk of chunks) {
      setFeeding(client, false);
      yield chunk;
      setFeeding(client, true);
    }
  } finally {
    setFeeding(client, false);
  }
}
