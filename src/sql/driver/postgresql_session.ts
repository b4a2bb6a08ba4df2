import type pg from "pg";
import { ConnectionError } from "../../base/errors/mod.ts";
import type { ProcessState, SqlSession } from "../link/link.ts";
import { peerOf } from "./client_socket.ts";
import { withEndReason } from "./end_reason.ts";
import type { Probe } from "./probe.ts";
import { type Sender, settled } from "./sender.ts";

const ignore = (): void => {};

/**
 * A session on a client that no other caller uses.
 *
 * @param probe asks the server about the process of the client
 * @param end closes the client; called once
 */
export function postgresqlSession(
  client: pg.ClientBase,
  { send }: Sender,
  probe: Probe,
  end: () => void,
): SqlSession {
  const { pid } = peerOf(client);
  let last: Promise<unknown> = Promise.resolve();
  let ended = false;
  return {
    shared: false,
    pid: pid === 0 ? undefined : pid,
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
    async ask(): Promise<ProcessState> {
      const answer = await probe.ask([pid]);
      switch (answer.kind) {
        case "processes":
          return answer.waits.get(pid) ?? true ? "idle" : "busy";
        case "alive":
          return "unknown";
        case "none":
          return "unreachable";
      }
    },
    release() {
      if (!ended) end();
      probe.close();
      ended = true;
      return Promise.resolve();
    },
  };
}
