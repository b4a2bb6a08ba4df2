import { setInterval } from "node:timers";

/** Counts the time while statements are sent: a look at the clock for each of them takes as long as its compilation. */
export interface Ticker {
  /** Returns milliseconds, in steps of {@link STEP}. They stop {@link LONGEST} after the last call of {@link Ticker.wake}. */
  now(): number;
  /** Makes the time go on: a statement is sent. */
  wake(): void;
  /** Stops the time. */
  stop(): void;
}

/** The step of the time, in milliseconds. */
const STEP = 20;
/** The longest time that is measured from one statement, in milliseconds. */
const LONGEST = 6_000;

/** Creates a ticker whose time stands still. It does not keep the program alive. */
export function createTicker(): Ticker {
  let time = 0;
  let end = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  function tick(): void {
    time += STEP;
    if (time >= end) stop();
  }

  return {
    now: () => time,
    wake() {
      end = time + LONGEST;
      timer ??= setInterval(tick, STEP).unref();
    },
    stop,
  };
}
