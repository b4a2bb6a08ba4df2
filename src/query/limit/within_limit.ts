import {
  outcomeOf,
  recordedOutcome,
  withOutcome,
  type WriteOutcome,
} from "../../base/errors/mod.ts";
import { pause } from "../../base/pause.ts";
import {
  assertLimits,
  type CallName,
  type CallOptions,
} from "../statement/call_options.ts";
import type { Executor } from "../statement/executor.ts";
import { startLimit, untilAborted, withResult } from "./limit.ts";

/** The longest wait in milliseconds for a write to say whether it was applied before its limit. */
const GRACE_PERIOD = 500;

/** A call with limits. */
export interface LimitedCall extends CallName {
  /** Whether it only reads, so that nobody needs to know how it ended. */
  readonly isRead?: boolean;
}

/**
 * Runs a call within its limits. A read is rejected at once when it reaches one.
 * A write first ends, for a short time: if it was applied before the limit, it
 * succeeds.
 *
 * @param work runs the call on an executor whose statements the limit ends
 * @throws {QueryError} if a limit has a wrong value
 */
export async function withinLimit<T>(
  call: LimitedCall,
  options: CallOptions,
  executor: Executor,
  work: (executor: Executor, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  assertLimits(call, options);
  if (options.signal?.aborted === true) {
    throw ofWrite(call, options.signal.reason, "not applied");
  }
  const limit = startLimit(call, options);
  const { signal } = limit;
  try {
    const limited = executor.limited?.(signal);
    const running = work(limited ?? executor, signal);
    try {
      return await untilAborted(signal, running);
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      if (call.isRead === true) throw error;
      if (limited === undefined) throw ofWrite(call, error, "unknown");
      return await applied(running, error);
    }
  } finally {
    limit.end();
  }
}

/** Adds an outcome to the reason of an aborted call, unless the call reads. */
function ofWrite(
  { isRead }: LimitedCall,
  reason: unknown,
  outcome: WriteOutcome,
): unknown {
  return isRead === true
    ? reason
    : withOutcome(withResult(reason, outcome, undefined), outcome);
}

/** Returns the result of an aborted write that was applied; otherwise throws the reason of the abort. */
async function applied<T>(running: Promise<T>, reason: unknown): Promise<T> {
  const timer = new AbortController();
  try {
    const ended = await Promise.race([
      running.then(
        (result) => ({ result }),
        (failure: unknown) => ({ failure }),
      ),
      pause(GRACE_PERIOD, timer.signal),
    ]);
    if (ended !== undefined && "result" in ended) return ended.result;
    const failure = ended?.failure;
    const outcome = ended === undefined
      ? "unknown"
      : recordedOutcome(failure) ?? outcomeOf(failure);
    throw withOutcome(withResult(reason, outcome, failure), outcome);
  } finally {
    timer.abort();
  }
}
