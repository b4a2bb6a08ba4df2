import { InterruptedError } from "./interrupted_error.ts";
import { commandHint } from "../../base/hints.ts";

/** The signals that end a command. */
export const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs work that stops at the first signal: the lock is released, and the
 * history records the progress. A second signal ends the program at once.
 *
 * @throws {InterruptedError} if a signal ended the work
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
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, interrupt);
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, interrupt);
  try {
    return await work(interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    throw interruptedError(error);
  } finally {
    unlisten();
  }
}

function interruptedError(error: unknown): InterruptedError {
  const isAbort = !(error instanceof Error) || error.name === "AbortError";
  return new InterruptedError(
    isAbort
      ? `Interrupted. ${
        commandHint("status")
      } shows the progress; the next run continues there`
      : error.message,
    { cause: error },
  );
}
