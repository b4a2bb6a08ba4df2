import type pg from "pg";
import { ConnectionError } from "../../base/errors/mod.ts";
import type { SqlSession } from "../link/link.ts";
import { withEndReason } from "./end_reason.ts";
import { type Sender, settled } from "./sender.ts";

const ignore = (): void => {};

/** The process ID of a client, which `@types/pg` has no types for. */
interface WithProcess {
  readonly processID: number | null;
}

/**
 * A session on a client that no other caller uses.
 *
 * @param end closes the client; called once
 */
export function postgresqlSession(
  client: pg.ClientBase,
  { send }: Sender,
  end: () => void,
): SqlSession {
  let last: Promise<unknown> = Promise.resolve();
  let ended = false;
  return {
    shared: false,
    pid: (client as pg.ClientBase & WithProcess).processID ?? undefined,
    exclusively(turn) {
      const result = last.then(() => {
        if (ended) {
          throw new ConnectionError("Cannot use a session after its end");
        }
        return turn({
          query: async (command, rows) => {
            try {
              return settled(await send(client, command, rows));
            } catch (error) {
              throw withEndReason(client, error);
            }
          },
        });
      });
      last = result.catch(ignore);
      return result;
    },
    release() {
      if (!ended) end();
      ended = true;
      return Promise.resolve();
    },
  };
}
