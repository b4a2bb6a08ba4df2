// @ts-types="@types/pg-copy-streams"
import { from as copyFrom } from "pg-copy-streams";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ClientBase } from "pg";
import { setFeeding } from "./client_socket.ts";

/** A COPY that runs. */
interface Copy {
  /** The number of rows that the server wrote. Rejects as soon as the server or the source fails. */
  readonly done: Promise<number>;
  /** Ends the COPY early: the server writes none of its rows. */
  stop(reason: Error): void;
}

/** Sends rows in PostgreSQL's binary format into a table. */
export function copyIn(
  client: ClientBase,
  target: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Copy {
  const stream = client.query(
    copyFrom(`copy ${target} from stdin (format binary)`),
  );
  // A source that never continues must not delay the error.
  const failed = new Promise<never>((_, reject) =>
    stream.once("error", reject)
  );
  const sent = pipeline(Readable.from(fedTo(client, chunks)), stream);
  return {
    done: Promise.race([sent, failed]).then(() => stream.rowCount),
    stop: (reason) => void stream.destroy(reason),
  };
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
