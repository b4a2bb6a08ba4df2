import type pg from "pg";
import { cut } from "./client_socket.ts";
import { withinTime } from "./patience.ts";
import { TIMES } from "./watch_times.ts";

/** Closes a client, also if its server no longer answers. */
export async function endInTime(client: pg.Client): Promise<void> {
  const ended = client.end();
  ended.catch(() => {});
  await withinTime(ended, TIMES.grace / 2).catch(() => cut(client));
}
