// @ts-types="@types/pg-copy-streams"
import { from as copyFrom } from "pg-copy-streams";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ClientBase } from "pg";

/** Sends rows in PostgreSQL's binary format into a table, and returns how many the server wrote. */
export async function copyIn(
  client: ClientBase,
  target: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<number> {
  const stream = client.query(
    copyFrom(`copy ${target} from stdin (format binary)`),
  );
  await pipeline(Readable.from(chunks), stream);
  return stream.rowCount;
}
