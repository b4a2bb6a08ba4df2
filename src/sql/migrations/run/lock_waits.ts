import { activities, ACTIVITY } from "./activity.ts";
import type { StepContext, StepPosition } from "./step_context.ts";

/** Milliseconds before the first look; most statements end earlier. */
const FIRST_LOOK = 300;
/** Milliseconds between two looks. */
const LOOK = 1_000;

/** A watch on the session that runs a step. */
export interface Watch {
  /** Describes the sessions that blocked the step most recently. */
  readonly by: () => string | undefined;
  /** Ends the watch. */
  stop(): void;
}

/**
 * Looks from another connection for sessions that block the step, and reports
 * them. A database of one session has no other sessions.
 */
export function watchBlocked(
  { driver, lock, options: { onEvent } }: StepContext,
  { id, index }: StepPosition,
): Watch {
  let by: string | undefined;
  let since: number | undefined;
  let stopped = !driver.concurrent;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function look(): Promise<void> {
    // A failed look reports nothing; the step continues.
    const found = await activities(driver, {
      text:
        `select ${ACTIVITY} from pg_stat_activity a where a.pid = any (pg_blocking_pids(cast($1 as int)))`,
      values: [lock.pid],
    }).catch(() => undefined);
    if (stopped) return;
    if (found === undefined) since = undefined;
    else {
      by = found;
      since ??= performance.now();
      const milliseconds = performance.now() - since;
      onEvent({ kind: "blocked", id, step: index + 1, by, milliseconds });
    }
    timer = setTimeout(look, LOOK);
  }

  if (!stopped) timer = setTimeout(look, FIRST_LOOK);
  return {
    by: () => by,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
