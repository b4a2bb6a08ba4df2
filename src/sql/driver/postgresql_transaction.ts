import { from as copyFrom } from "pg-copy-streams";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TransactionError } from "../../base/errors/mod.ts";
import { LostCommitError } from "./errors.ts";
import type { SqlTransaction } from "../link/link.ts";
import { isBroken, isStalePlan } from "../link/server_error.ts";
import type { Lease } from "./pooled_clients.ts";
import type { createNames } from "./statement_names.ts";
import { send } from "./row_query.ts";

const ignore = (): void => {};

/** A transaction, begun, on a client that goes back when it ends. */
export function transactionOn(
  { client, release }: Lease,
  names: ReturnType<typeof createNames>,
): SqlTransaction {
  let broken = false;
  let ended = false;
  const lost = (): void => {
    broken = true;
  };
  client.on("error", lost);

  async function watching<T>(work: () => Promise<T>): Promise<T> {
    if (ended) {
      throw new TransactionError("Cannot use a transaction after its end");
    }
    try {
      return await work();
    } catch (error) {
      broken ||= isBroken(error);
      throw error;
    }
  }

  /** Ends it once; whoever has the client afterwards is not disturbed. */
  async function end(text: "commit" | "rollback"): Promise<void> {
    if (ended) return;
    ended = true;
    try {
      // What is broken is not waited for: what it holds ends with it.
      if (text === "commit" || !broken) {
        await send(client, { text, values: [] }, ignore);
      }
    } catch (error) {
      broken ||= text === "rollback" || isBroken(error);
      throw text === "commit" && broken ? new LostCommitError(error) : error;
    } finally {
      client.off("error", lost);
      release(broken);
    }
  }

  return {
    query: (command, onRow) =>
      watching(async () => {
        const named = names.of(command);
        try {
          return await send(client, named, onRow ?? ignore);
        } catch (error) {
          if (isStalePlan(error) && named.name !== undefined) {
            names.renew(named.name);
          }
          throw error;
        }
      }),
    copyIn: (into, chunks) =>
      watching(async () => {
        const stream = client.query(
          copyFrom(`copy ${into} from stdin (format binary)`),
        );
        await pipeline(Readable.from(chunks), stream);
        return stream.rowCount;
      }),
    commit: () => end("commit"),
    rollback: () => end("rollback").catch(ignore),
  };
}
