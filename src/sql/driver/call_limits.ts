import { setInterval } from "node:timers";
import type pg from "pg";
import { TimeoutError, withOutcome } from "../../base/errors/mod.ts";
import { pause } from "../../base/pause.ts";
import { isServerError } from "../link/server_error.ts";
import { requestCancel } from "./cancel_request.ts";
import {
  cut,
  isPipelined,
  isWaiting,
  peerOf,
  progressOf,
} from "./client_socket.ts";
import { TIMES, type WatchTimes } from "./watch_times.ts";

/** A part of the work on a client that may be ended early. */
interface LimitedWork<T> {
  /** Begins the work. */
  readonly begin: () => Promise<T>;
  /** Ends the work when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the time limit of a call counts (default: true). */
  readonly isTimed?: boolean;
  /** Whether it is a commit, which is not canceled: only the wait for its answer ends. */
  readonly isCommit?: boolean;
  /** Stops a COPY, whose time limit counts from the last progress. The server does not notice a request to cancel while it waits for rows. */
  readonly stopCopy?: (reason: Error) => void;
}

/** The limits of the work on clients: signals, and the time limit of a call. */
export interface CallLimits {
  /** Whether calls have a time limit. */
  readonly isTimed: boolean;
  /**
   * Works on a client, and ends the work on the server if a limit passes.
   *
   * @throws {TimeoutError} after the time limit of a call
   */
  run<T>(client: pg.ClientBase, work: LimitedWork<T>): Promise<T>;
  /** Whether a request to cancel was sent, so that the client should not serve another caller. */
  isCanceled(client: pg.ClientBase): boolean;
}

/** The statements of other callers on a pipeline that was closed because of one of them. */
export class PipelineClosedError extends Error {}

interface Running {
  readonly client: pg.ClientBase;
  readonly work: LimitedWork<unknown>;
  ticks: number;
  /** When the limit began to count. */
  since: number;
  progress: number;
  error: Error | undefined;
  /** Aborted when the work has settled, if it is being ended. */
  over: AbortController | undefined;
  ending: Promise<void> | undefined;
}

/** The parts of a time limit. If the program blocks its own event loop, one of them passes. */
const PARTS = 20;
const [SHORTEST_TICK, LONGEST_TICK] = [10, 1_000];
/** Milliseconds between two requests: one that arrives before the statement cancels nothing. */
const AGAIN = 250;

/**
 * Creates the limits of a connection.
 *
 * @param milliseconds the time limit of a call, or 0
 * @param location the location of the database, for errors
 * @param isDirect whether a client is connected to its server without a pooler
 */
export function createCallLimits(
  { milliseconds, location, isDirect, times = TIMES }: {
    readonly milliseconds: number;
    readonly location: string;
    readonly isDirect: (client: pg.ClientBase) => boolean;
    readonly times?: WatchTimes;
  },
): CallLimits {
  const running = new Set<Running>();
  const canceled = new WeakSet<pg.ClientBase>();
  const tick = Math.min(
    Math.max(milliseconds / PARTS, SHORTEST_TICK),
    LONGEST_TICK,
  );
  const limit = Math.ceil(milliseconds / tick);
  let timer: ReturnType<typeof setInterval> | undefined;

  function look(): void {
    for (const call of running) {
      if (call.work.stopCopy !== undefined && hasProgress(call)) {
        call.ticks = 0;
        call.since = performance.now();
      } else if (++call.ticks >= limit && isOver(call)) expire(call);
    }
    if (running.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  /** The first part may have begun before the call. */
  function isOver({ ending, since }: Running): boolean {
    return ending === undefined && performance.now() - since >= milliseconds;
  }

  function hasProgress(call: Running): boolean {
    const before = call.progress;
    call.progress = progressOf(call.client);
    return call.progress !== before || !isWaiting(call.client);
  }

  function expire(call: Running): void {
    const what = call.work.stopCopy === undefined
      ? "No answer from"
      : "No progress of a COPY at";
    const error = new TimeoutError(
      `${what} ${location} within CALL_TIMEOUT (${milliseconds} ms)`,
    );
    call.error = error;
    call.ending = call.work.isCommit === true
      ? Promise.resolve(cut(call.client, error))
      : endOnServer(call, error);
  }

  async function abort(call: Running): Promise<void> {
    const reason = new Error("the call was aborted");
    if (call.work.isCommit !== true) return await endOnServer(call, reason);
    const { signal } = call.over = new AbortController();
    await pause(times.grace, signal);
    if (!signal.aborted) cut(call.client, reason);
  }

  /** Ends the work on the server; if it cannot be reached, closes the client. */
  async function endOnServer(call: Running, reason: Error): Promise<void> {
    const { client, work } = call;
    const over = call.over = new AbortController();
    const end = performance.now() + times.grace;
    let isReceived = true;
    canceled.add(client);
    work.stopCopy?.(reason);
    for (;;) {
      const rest = end - performance.now();
      if (over.signal.aborted || rest <= 0) break;
      isReceived = await requestCancel(peerOf(client), rest);
      await pause(Math.min(AGAIN, rest), over.signal);
    }
    if (isPipelined(client)) cut(client, new PipelineClosedError());
    else if (!over.signal.aborted || !isReceived || !isDirect(client)) {
      cut(client, reason);
    }
  }

  return {
    isTimed: milliseconds > 0,
    async run(client, work) {
      const { signal, begin, isTimed = true } = work;
      signal?.throwIfAborted();
      const call: Running = {
        client,
        work,
        ticks: 0,
        since: performance.now(),
        progress: -1,
        error: undefined,
        over: undefined,
        ending: undefined,
      };
      if (isTimed && milliseconds > 0) {
        running.add(call);
        timer ??= setInterval(look, tick).unref();
      }
      const onAbort = (): void => {
        call.ending ??= abort(call);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        return await begin();
      } catch (error) {
        throw call.error === undefined ? error : timeoutOf(call.error, error);
      } finally {
        running.delete(call);
        signal?.removeEventListener("abort", onAbort);
        call.over?.abort();
        if (call.ending !== undefined) await call.ending;
      }
    },
    isCanceled: (client) => canceled.has(client),
  };
}

/** Returns the answer of the server to a statement that took too long, or else the error itself. */
export function answerOf(error: unknown): unknown {
  return error instanceof TimeoutError ? error.cause : error;
}

/** Returns the error of a call that took too long, with the reason why it ended. */
function timeoutOf({ message }: Error, cause: unknown): TimeoutError {
  return isServerError(cause)
    ? withOutcome(
      new TimeoutError(`${message}. The server canceled the statement`, {
        cause,
      }),
      "not applied",
    )
    : new TimeoutError(`${message}. The connection was closed`, { cause });
}
