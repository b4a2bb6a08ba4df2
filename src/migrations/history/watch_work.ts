import { durationText } from "../../base/duration_text.ts";
import { pause } from "../../base/pause.ts";
import type { LockOptions } from "../../engine/migrations/mod.ts";

/**
 * What a server reports, over another connection, about work that waits for it:
 * it runs, it does not run, the server does not report it, or the server does
 * not answer.
 */
export type WorkState = "busy" | "idle" | "unknown" | "unreachable";

/** Work of a server for which a run waits. */
export interface WatchedWork {
  /** The database, for events. */
  readonly place: string;
  /** Asks the server about the work, over another connection. */
  ask(): Promise<WorkState>;
  /** Ends the wait. Called once, after the signal. */
  end(reason: string): void;
}

/** Times of a watch, in milliseconds. Tests shorten them. */
export const WATCH: {
  /** Between two questions to the server. Most work ends before the first one. */
  pause: number;
  /** How long the wait continues after the signal, if the server does not answer. */
  grace: number;
} = { pause: 1_000, grace: 2_000 };

/** The ticks between two questions to the server. */
const TICKS = 10;
/** The ticks between two questions after the signal. */
const SOON = 3;
/** The times between two questions without an answer after which the wait is reported. */
const UNANSWERED = 3;

/**
 * Watches work until `stop` is called, so that nobody waits silently for a lost
 * server. If the server does not answer, events report it, and the signal ends
 * the wait at once: nobody can stop the work.
 */
export function watchWork(
  { place, ask, end }: WatchedWork,
  { signal, onEvent }: Pick<LockOptions, "signal" | "onEvent">,
): { stop(): void } {
  const pauseTime = WATCH.pause;
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
    if (signal?.aborted && silence >= WATCH.grace) {
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
      // The work or its answer may be on its way.
      idleAt = state === "idle" ? idleAt ?? performance.now() : undefined;
      if (
        signal?.aborted && idleAt !== undefined &&
        performance.now() - idleAt >= WATCH.grace
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
