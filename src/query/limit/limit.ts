import {
  DbPluginsError,
  type PartlyWritten,
  TimeoutError,
  type WriteOutcome,
} from "../../base/errors/mod.ts";
import {
  type CallName,
  type CallOptions,
  textOf,
} from "../statement/call_options.ts";

/** The longest time that a timer can wait, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The limits of a call that is running. */
interface Limit {
  /** Aborted when the call reaches a limit. */
  readonly signal: AbortSignal;
  /** Ends the limits, when the call has ended. */
  end(): void;
}

/** Starts the limits of a call. The signal is a new one, so that nothing stays attached to that of the caller. */
export function startLimit(
  call: CallName,
  { signal, timeout }: CallOptions,
): Limit {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const timer = timeout === undefined ? undefined : setTimeout(
    () => controller.abort(timeoutError(call, timeout)),
    Math.min(timeout, LONGEST_TIMER),
  );
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}

function timeoutError(call: CallName, timeout: number): TimeoutError {
  return new TimeoutError(
    `${textOf(call)} did not end within its timeout of ${timeout} ms`,
  );
}

/** Rejects with the reason of a signal when it is aborted, or else as the work settles. */
export async function untilAborted<T>(
  signal: AbortSignal,
  work: Promise<T>,
): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Adds the outcome of an aborted write, and what its failure says about rows, to the reason of the abort. */
export function withResult(
  reason: unknown,
  outcome: WriteOutcome,
  failure: unknown,
): unknown {
  if (
    !(reason instanceof Error) || reason instanceof DbPluginsError ||
    !Object.isExtensible(reason)
  ) return withPartly(reason, failure);
  // Several calls can share a signal, and so a reason.
  const given: unknown = Reflect.get(reason, "outcome");
  const both = given === undefined || given === outcome ? outcome : "unknown";
  Object.assign(reason, { outcome: both });
  return withPartly(reason, failure);
}

function withPartly(reason: unknown, failure: unknown): unknown {
  const partly = failure instanceof DbPluginsError ? failure.partly : undefined;
  if (
    partly === undefined || !(reason instanceof Error) ||
    !Object.isExtensible(reason)
  ) return reason;
  const given: unknown = Reflect.get(reason, "partly");
  Object.assign(reason, { partly: joined(given, partly) });
  return reason;
}

function joined(given: unknown, partly: PartlyWritten): PartlyWritten {
  const earlier = given as Partial<PartlyWritten> | undefined;
  const both = (name: keyof PartlyWritten): readonly object[] =>
    earlier?.[name] === undefined
      ? partly[name]
      : [...earlier[name], ...partly[name]];
  return {
    written: both("written"),
    unwritten: both("unwritten"),
    unknown: both("unknown"),
  };
}
