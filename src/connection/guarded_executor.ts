import type { RunCall } from "../base/call_scope.ts";
import type { Executor } from "../query/statement/executor.ts";
import { guardedStream } from "./streaming.ts";

/** The state of a connection, and its calls. */
interface ConnectionGuard {
  /** Throws if the connection cannot be used. */
  readonly assertUsable: () => void;
  readonly isOpen: () => boolean;
  /** Runs a call, if the connection can be used, and until it is closed. */
  readonly call: RunCall;
  /** The same for a call that waits only for the database. */
  readonly watch: RunCall;
}

/** Returns an executor that checks first whether the connection can be used. */
export function guardedExecutor(
  executor: () => Executor,
  guard: ConnectionGuard,
): Executor {
  const { assertUsable, isOpen, call, watch } = guard;
  const allowed = (): Executor => {
    assertUsable();
    return executor();
  };
  return {
    // Every call that runs statements has checked that the connection can be used.
    run: (statement) => executor().run(statement),
    stream: (statement, batchSize) =>
      guardedStream(
        assertUsable,
        () => allowed().stream(statement, batchSize),
        watch,
      ),
    transaction: (fn, options) =>
      call(() => allowed().transaction(fn, options)),
    native: (model, call) => allowed().native?.(model, call),
    keyIdentities: async (model, fields, keys) =>
      await allowed().keyIdentities?.(model, fields, keys),
    mayDiscard: async (...write) =>
      await allowed().mayDiscard?.(...write) === true,
    updateAlone: (statement, onRow) =>
      watch(async () => await allowed().updateAlone?.(statement, onRow)),
    limited: (signal) => {
      const limited = allowed().limited?.(signal);
      return limited && guardedExecutor(() => limited, guard);
    },
    reader: () => {
      // Without a connection, the statement itself is refused.
      if (!isOpen()) return undefined;
      const reader = executor().reader?.();
      return reader && guardedExecutor(() => reader, guard);
    },
  };
}
