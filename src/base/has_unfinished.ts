import type { CallScope } from "./call_scope.ts";

/**
 * Whether calls have not ended, or begin in this turn of the event loop: a
 * library may pass a statement on some time after its function was called.
 */
export async function hasUnfinished(calls: CallScope): Promise<boolean> {
  const { size, begun } = calls;
  if (size > 0) return true;
  await new Promise((resolve) => void setImmediate(resolve));
  return calls.begun > begun;
}
