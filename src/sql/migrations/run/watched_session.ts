import { ConnectionError, withOutcome } from "../../../base/errors/mod.ts";
import { durationText } from "../../../base/duration_text.ts";
import { pause } from "../../../base/pause.ts";
import type { LockOptions } from "../../../engine/migrations/mod.ts";
import { TIMES } from "../../driver/watch_times.ts";
import type { ProcessState, SqlSession } from "../../link/link.ts";

/** The ticks between two questions to the server: one second. Most statements end before the first question. */
const TICKS = 10;
/** The ticks between two questions after the signal. */
const SOON = 3;
/** The times between two questions without an answer after which the wait is reported. */
const UNANSWERED = 3;

/**
 * Returns a session whose statements never wait silently for a lost server.
 * While a statement runs, another connection asks the server about it. If the
 * server does not answer, events report it, and the signal ends the session at
 * once: nobody can stop the statement.
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
            const watch = watchStatement(ask, options, {
              place,
              end(reason) {
                lost = withOutcome(
                  new ConnectionError(`Lost ${place}: ${reason}`),
                  "unknown",
                );
                session.release();
              },
            });
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

/** The session of a statement. */
interface StatementSession {
  readonly place: string;
  /** Ends the session, and the statement with it. */
  end(reason: string): void;
}

/** Watches a running statement until `stop` is called. */
function watchStatement(
  ask: () => Promise<ProcessState>,
  { signal, onEvent }: Pick<LockOptions, "signal" | "onEvent">,
  { place, end }: StatementSession,
): { stop(): void } {
  const pauseTime = TIMES.tick / 2;
  const tick = pauseTime / TICKS;
  const ended = new AbortController();
  const wake = new AbortController();
  let heardAt = performance.now();
  let reportedAt = -Infinity;
  /** The ticks since the oldest question without an answer; undefined if there is none. */
  let unanswered: number | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;

  function look(): void {
    if (unanswered === undefined) return;
    const silence = unanswered * tick;
    const now = performance.now();
    if (signal?.aborted && silence >= TIMES.grace) {
      stop();
      end(
        `the server has not answered for ${durationText(now - heardAt)}`,
      );
    } else if (
      silence >= UNANSWERED * pauseTime && now - reportedAt >= pauseTime
    ) {
      reportedAt = now;
      const milliseconds = Math.round(now - heardAt);
      onEvent({ kind: "unanswered", place, milliseconds });
    }
  }

  async function watch(): Promise<void> {
    let idleAt: number | undefined;
    await pause(pauseTime, wake.signal);
    // If the program blocks its event loop, only one look passes.
    if (!ended.signal.aborted) {
      timer = setInterval(() => {
        if (unanswered !== undefined) unanswered++;
        look();
      }, tick);
    }
    while (!ended.signal.aborted) {
      unanswered ??= 0;
      const state = await ask();
      if (ended.signal.aborted) return;
      if (state !== "unreachable") {
        unanswered = undefined;
        heardAt = performance.now();
      }
      // The statement or its answer may be on its way.
      idleAt = state === "idle" ? idleAt ?? performance.now() : undefined;
      if (
        signal?.aborted && idleAt !== undefined &&
        performance.now() - idleAt >= TIMES.grace
      ) {
        stop();
        return end(
          "the server no longer runs the statement, and its answer did not arrive",
        );
      }
      if (signal?.aborted) await pause(SOON * tick, ended.signal);
      else await pause(pauseTime, wake.signal);
    }
  }

  function onAbort(): void {
    wake.abort();
    look();
  }

  function stop(): void {
    ended.abort();
    wake.abort();
    clearInterval(timer);
    signal?.removeEventListener("abort", onAbort);
  }

  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) wake.abort();
  watch();
  return { stop };
}
