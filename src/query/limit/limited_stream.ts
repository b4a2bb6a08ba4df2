import type { RunCall } from "../../base/call_scope.ts";
import type { CallName, CallOptions } from "../statement/call_options.ts";
import type { Executor } from "../statement/executor.ts";
import { startLimit, untilAborted } from "./limit.ts";

/** The executor and the calls of a stream. */
export interface StreamScope {
  readonly executor: Executor;
  /** Runs each call of the stream besides the reading of batches. */
  readonly call: RunCall;
}

/**
 * Reads rows within the limits of a call. When it reaches one, the loop ends with
 * the reason, and the resources of the stream are freed, also if the program does
 * not ask for another row.
 *
 * @param read begins the reading
 */
export async function* limitedStream<Row>(
  name: CallName,
  options: CallOptions,
  { executor, call }: StreamScope,
  read: (scope: StreamScope) => AsyncIterable<Row>,
): AsyncGenerator<Row> {
  if (options.signal?.aborted === true) throw options.signal.reason;
  const limit = startLimit(name, options);
  const { signal } = limit;
  const limited = executor.limited?.(signal) ?? executor;
  try {
    const rows = read({
      executor: {
        ...limited,
        stream: (...statement) =>
          limitedBatches(limited.stream(...statement), signal),
      },
      call: (work) => untilAborted(signal, call(work)),
    });
    for await (const row of rows) {
      yield row;
      if (signal.aborted) throw signal.reason;
    }
  } finally {
    limit.end();
  }
}

async function* limitedBatches<Batch>(
  batches: AsyncIterable<Batch>,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const source = batches[Symbol.asyncIterator]();
  const free = async (): Promise<void> => {
    await source.return?.();
  };
  const abort = (): void => void free().catch(() => {});
  signal.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      const next = await untilAborted(signal, source.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    if (!signal.aborted) await free();
  }
}
