import assert from "node:assert/strict";

/** Checks that an error is the reason of an abort. */
export function isSame(reason: unknown): (error: unknown) => true {
  return (error) => {
    assert.equal(error, reason);
    return true;
  };
}

/** Returns a signal, and what aborts it. */
export function abortable(): {
  readonly signal: AbortSignal;
  readonly reason: Error;
  abort(): void;
} {
  const controller = new AbortController();
  const reason = new Error("stop");
  return {
    signal: controller.signal,
    reason,
    abort: () => controller.abort(reason),
  };
}
