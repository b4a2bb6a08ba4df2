import { createCallScope, type RunCall } from "../base/call_scope.ts";
import {
  callsUnfinished,
  failedInside,
  transactionEnded,
  TransactionError,
} from "../base/errors/mod.ts";
import { hasUnfinished } from "../base/has_unfinished.ts";
import type { Executor } from "../query/statement/executor.ts";
import { guardedStream } from "./streaming.ts";

/** What stands between the calls on a transaction and its executor. */
export interface TransactionGuard {
  readonly executor: Executor;
  /** Runs a call of the transaction. */
  readonly call: RunCall;
  /** Runs a call of the transaction that writes. */
  readonly write: RunCall;
  /** Runs a call of the connection. */
  readonly connectionCall: RunCall;
  nest<T>(fn: () => Promise<T>): Promise<T>;
  /** @throws {TransactionError} if a call has not ended, or was ended by its limit */
  assertFinished(): Promise<void>;
  /** Ends the transaction. Calls that have not ended fail. */
  end(): void;
}

/** Wraps an executor so that it rejects calls while a nested transaction is open, and after its end. */
export function guardTransaction(
  executor: Executor,
  connectionCall: RunCall,
): TransactionGuard {
  const pending = createCallScope();
  const call: RunCall = (work) => pending.run(() => connectionCall(work));
  let state: "open" | "nested" | "ended" = "open";
  let usesNative = false;
  let aborted: { readonly reason: unknown } | undefined;
  function open(): Executor {
    if (state === "open") return executor;
    throw state === "ended" ? transactionEnded() : new TransactionError(
      "Cannot use a transaction while a nested one is open: use the nested one",
    );
  }
  const whileOpen = (target: Executor): Executor => {
    const opened = (): Executor => {
      open();
      return target;
    };
    return {
      // Async, so that a refusal is a rejected promise, like every other failure of a statement.
      run: async (statement) => await opened().run(statement),
      stream: (statement, batchSize) =>
        guardedStream(
          opened,
          () => opened().stream(statement, batchSize),
          call,
        ),
      transaction: (fn, options) => opened().transaction(fn, options),
      keyIdentities: async (model, fields, keys) =>
        await opened().keyIdentities?.(model, fields, keys),
      mayDiscard: async (...write) =>
        await opened().mayDiscard?.(...write) === true,
      native(model, call) {
        usesNative = true;
        return opened().native?.(model, call);
      },
      limited(signal) {
        const limited = opened().limited?.(signal);
        // Some of its statements may have been executed.
        signal.addEventListener("abort", () => {
          aborted ??= { reason: signal.reason };
        });
        return limited && whileOpen(limited);
      },
    };
  };
  return {
    call,
    write: (work) => pending.run(() => connectionCall(work), failedInside),
    connectionCall,
    executor: whileOpen(executor),
    async nest(fn) {
      open();
      state = "nested";
      try {
        return await fn();
      } finally {
        if (state === "nested") state = "open";
      }
    },
    async assertFinished() {
      const isUnfinished = usesNative
        ? await hasUnfinished(pending)
        : pending.size > 0;
      if (isUnfinished) throw callsUnfinished();
      if (aborted === undefined) return;
      throw new TransactionError(
        "Cannot commit: a call of this transaction reached its limit, so the whole transaction was rolled back",
        { cause: aborted.reason },
      );
    },
    end() {
      state = "ended";
      pending.end({
        running: transactionEnded,
        later: transactionEnded,
        isReported: true,
      });
    },
  };
}
