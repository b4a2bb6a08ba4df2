import type { RunCall } from "../base/call_scope.ts";
import type { AnyModel } from "../model/types.ts";
import { limitedStream, type StreamScope } from "./limit/limited_stream.ts";
import { withinLimit } from "./limit/within_limit.ts";
import type { Scope } from "./scope.ts";
import {
  assertLimits,
  assertServer,
  type CallOptions,
  isLimited,
} from "./statement/call_options.ts";
import type { Executor } from "./statement/executor.ts";

/** A call of a method of queries on a model. */
interface ModelCall {
  readonly method: string;
  readonly model: AnyModel;
  readonly isRead: boolean;
}

/** What a call does; the signal is that of its limits, if it has any. */
export type Work = (
  executor: Executor,
  signal?: AbortSignal,
) => Promise<unknown>;

/**
 * Runs a call within its limits, on the server that its options allow.
 *
 * @param run the one of the scope that runs such a call
 * @returns what the work returns: rows as the model declares them, to which the caller gives their types
 */
export function runCall<T>(
  { executor, observer }: Scope,
  run: RunCall,
  call: ModelCall,
  options: CallOptions | undefined,
  work: Work,
): Promise<T> {
  const started = (): Promise<unknown> =>
    options === undefined || isPlain(options)
      ? run(() => work(call.isRead ? readerOf(executor) : executor))
      : run(() => runWithOptions(executor, call, options, work));
  const result = observer === undefined
    ? started()
    : observer.run(call, started);
  return result as Promise<T>;
}

/** Whether options neither limit a call nor choose its server. Untyped code can pass null. */
function isPlain(options: CallOptions | null): boolean {
  return options?.on === undefined && !isLimited(options);
}

async function runWithOptions(
  executor: Executor,
  { method, model, isRead }: ModelCall,
  options: CallOptions,
  work: Work,
): Promise<unknown> {
  const name = { method, model: model.name, isRead };
  assertServer(name, options, isRead);
  const target = isRead ? readerOf(executor, options) : executor;
  return isLimited(options)
    ? await withinLimit(name, options, target, work)
    : await work(target);
}

/** Returns the results of a call that reads while the program loops, within its limits. */
export function readInLoop<T>(
  scope: Scope,
  call: Pick<ModelCall, "method" | "model">,
  options: CallOptions,
  read: (scope: StreamScope) => AsyncIterable<T>,
): AsyncIterable<T> {
  const name = { method: call.method, model: call.model.name };
  assertLimits(name, options);
  assertServer(name, options, true);
  const executor = readerOf(scope.executor, options);
  const inner = { ...scope, executor };
  const results = isLimited(options)
    ? limitedStream(name, options, inner, read)
    : read(inner);
  return scope.observer?.stream(call, results) ?? results;
}

/** Returns the executor of one read. */
function readerOf(
  executor: Executor,
  options?: CallOptions,
): Executor {
  return options?.on === "primary" ? executor : executor.reader?.() ?? executor;
}
