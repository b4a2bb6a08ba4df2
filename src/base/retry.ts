import { jittered, pause } from "./pause.ts";

/** Which failures are retried, how often, and after how long. */
interface RetryOptions {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /**
   * Returns whether to retry after an error. Called after every failed attempt,
   * the last included; it may throw another error in place of the given one.
   */
  readonly isRetryable: (
    error: unknown,
    attempt: number,
  ) => boolean | Promise<boolean>;
  /** Milliseconds to wait after a failed attempt: see {@link backoff}. No wait by default. */
  readonly wait?: (attempt: number) => number;
  /** Prepares another attempt, before the wait: a rollback or an event. */
  readonly onRetry?: (error: unknown, attempt: number) => unknown;
  /** Ends the wait early when it is aborted. The next attempt still starts: it decides what to do. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns what `work` returns, and calls it again when it fails with a
 * retryable error. Attempts are numbered from 1.
 *
 * @throws the error of the last attempt
 */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  { attempts, isRetryable, wait, onRetry, signal }: RetryOptions,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      const isAgain = await isRetryable(error, attempt);
      if (!isAgain || attempt >= attempts) throw error;
      await onRetry?.(error, attempt);
    }
    if (wait !== undefined) await pause(wait(attempt), signal);
  }
}

/** Waits that double after each attempt, up to a longest one, with jitter. */
export function backoff(
  first: number,
  longest: number = Infinity,
): (attempt: number) => number {
  return (attempt) => jittered(Math.min(longest, first * 2 ** (attempt - 1)));
}
