import type pg from "pg";
import { ConnectionError } from "../../base/errors/mod.ts";
import type { SqlSession } from "../link/link.ts";
import { send } from "./row_query.ts";

const ignore = (): void => {};

/** What `@types/pg` leaves out of a client: what the server said of its process when it was opened. */
interface Numbered {
  readonly processID: number | null;
}

/**
 * A session on a client that is nobody else's.
 *
 * @param end ends the client; called once
 */
export function postgresqlSession(
  client: pg.ClientBase,
  end: () => void,
): SqlSession {
  let last: Promise<unknown> = Promise.resolve();
  let ended = false;
  return {
    shared: false,
    pid: (client as pg.ClientBase & Numbered).processID ?? undefined,
    together(turn) {
      const mine = last.then(() => {
        if (ended) {
          throw new ConnectionError("Cannot use a session after its end");
        }
        return turn({
          query: (command, onRow) => send(client, command, onRow ?? ignore),
        });
      });
      last = mine.catch(ignore);
      return mine;
    },
    release() {
      if (!ended) end();
      ended = true;
      return Promise.resolve();
    },
  };
}
