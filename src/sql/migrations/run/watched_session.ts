import { ConnectionError, withOutcome } from "../../../base/errors/mod.ts";
import type { LockOptions } from "../../../engine/migrations/mod.ts";
import { watchWork } from "../../../migrations/history/watch_work.ts";
import type { SqlSession } from "../../link/link.ts";

/**
 * Returns a session whose statements never wait silently for a lost server.
 * While a statement runs, another connection asks the server about it. If the
 * server does not answer, events report it, and the signal ends the session at
 * once.
 *
 * @param place the database, for errors and events
 */
export function watchedSession(
  session: SqlSession,
  place: string,
  options: Pick<LockOptions, "signal" | "onEvent">,
): SqlSession {
  const { ask } = session;
  if (ask === undefined) return session;
  return {
    ...session,
    exclusively: (turn) =>
      session.exclusively((link) =>
        turn({
          async query(command, rows) {
            let lost: ConnectionError | undefined;
            const watch = watchWork({
              place,
              ask,
              end(reason) {
                lost = withOutcome(
                  new ConnectionError(`Lost ${place}: ${reason}`),
                  "unknown",
                );
                session.release();
              },
            }, options);
            try {
              return await link.query(command, rows);
            } catch (error) {
              throw lost ?? error;
            } finally {
              watch.stop();
            }
          },
        })
      ),
  };
}
