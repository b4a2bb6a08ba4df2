import { InterruptedError } from "./interrupted_error.ts";

/** Signals by which a person or a system ends a program. */
export const ENDING: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Does work that ends in order at the first signal: the lock is given back, and
 * the history says how far it came. A second signal ends the program at once.
 *
 * @throws {InterruptedError} where a signal ended it
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    unlisten();
    interruption.abort();
  };
  const unlisten = (): void => {
    for (const signal of ENDING) Deno.removeSignalListener(signal, interrupt);
  };
  for (const signal of ENDING) Deno.addSignalListener(signal, interrupt);
  try {
    return await work(interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    throw interrupted(error);
  } finally {
    unlisten();
  }
}

function interrupted(error: unknown): InterruptedError {
  const isAbort = !(error instanceof Error) || error.name === "AbortError";
  return new InterruptedError(
    isAbort
      ? "Interrupted. `dbp status` tells how far it came; run again, it goes on there"
      : error.message,
    { cause: error },
  );
}
