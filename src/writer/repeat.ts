import {
  ConnectionError,
  isClosedByProgram,
  outcomeOf,
  SerializationError,
  TimeoutError,
} from "../base/errors/mod.ts";
import { backoff, retry } from "../base/retry.ts";
import type { PlannedWrite } from "./plan.ts";
import { isRepeatable } from "./repeatable.ts";

/** The waits between two attempts in milliseconds: they double from the first to the longest. */
const WAIT = backoff(100, 5_000);

/** Runs writes of a plan, and repeats them after errors that allow it. */
export type Repeat = <T>(
  plan: readonly PlannedWrite[],
  work: () => Promise<T>,
) => Promise<T>;

/**
 * Creates the function that repeats writes.
 *
 * @param onRetry called before each repetition
 */
export function createRepeat(retries: number, onRetry: () => void): Repeat {
  return (plan, work) =>
    retry(work, {
      attempts: retries + 1,
      isRetryable: (error) => isRetryable(error, plan),
      onRetry,
      wait: WAIT,
    });
}

/** Whether to repeat writes after an error: they were not applied, or applying them twice is the same. */
function isRetryable(error: unknown, plan: readonly PlannedWrite[]): boolean {
  if (isClosedByProgram(error)) return false;
  if (error instanceof SerializationError) return true;
  if (!(error instanceof ConnectionError || error instanceof TimeoutError)) {
    return false;
  }
  const outcome = outcomeOf(error);
  return outcome === "not applied" ||
    (outcome === "unknown" && plan.every(isRepeatable));
}
