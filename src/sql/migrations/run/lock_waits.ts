import { activities, ACTIVITY } from "./activity.ts";
import type { StepPlace, Work } from "./step_context.ts";

/** Milliseconds before it is asked who is in the way; most statements are done by then. */
const FIRST_LOOK = 300;
/** Milliseconds between two looks. */
const LOOK = 1_000;

/** What a watch saw. */
export interface Watch {
  /** Whom the session waited for last, in words. */
  readonly by: () => string | undefined;
  /** Ends it. */
  stop(): void;
}

/**
 * Looks, from another connection, whom the session waits for, and tells. On a
 * database of one session there is nobody else.
 */
export function watchBlocked(
  { driver, lock, options: { onEvent } }: Work,
  { id, place }: StepPlace,
): Watch {
  let by: string | undefined;
  let since: number | undefined;
  let stopped = !driver.concurrent;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function look(): Promise<void> {
    // A look that fails tells nothing; the step itself goes on.
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
      onEvent({ kind: "blocked", id, step: place + 1, by, milliseconds });
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
