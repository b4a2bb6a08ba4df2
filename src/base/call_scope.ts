import { pause } from "./pause.ts";

/** Runs a call. */
export type RunCall = <T>(call: () => Promise<T>) => Promise<T>;

/** The calls on a connection or a transaction that have not ended. */
export interface CallScope {
  /**
   * Runs a call. After {@link CallScope.end} it is rejected, also while it waits for the program itself.
   *
   * @param failed returns the error that the caller receives
   */
  readonly run: <T>(
    call: () => Promise<T>,
    failed?: (error: unknown) => unknown,
  ) => Promise<T>;
  /** Runs a call that waits for nothing but the database, and so ends when the connection closes. Costs less than the other method. */
  readonly watch: RunCall;
  /** The number of calls of {@link CallScope.run} that have not ended. */
  readonly size: number;
  /** The number of calls of {@link CallScope.run} so far. */
  readonly begun: number;
  /** Whether {@link CallScope.end} was called. */
  readonly ended: boolean;
  /** Rejects every call that has not ended, and every later call. */
  end(end: EndOfCalls): Promise<void>;
}

/** How calls end. */
interface EndOfCalls {
  /**
   * Creates the error of a call that has not ended.
   *
   * @param failure the call's own error, if it failed in the grace period
   */
  readonly running: (failure?: unknown) => Error;
  /** Creates the error of a later call. */
  readonly later: () => Error;
  /** What calls that fail after the end wait for, so that the caller of the end can handle their errors. It never rejects. */
  readonly until?: Promise<void>;
  /** Milliseconds in which calls may fail with an error of their own, which may know more (default: 0). */
  readonly gracePeriod?: number;
  /** Whether the caller learns about the calls that have not ended in another way: then one that nobody awaits is no unhandled rejection. */
  readonly isReported?: boolean;
}

interface PendingCall {
  /** Rejects the call early. */
  readonly reject: (error: unknown) => void;
  /** The promise that the caller received. */
  result: Promise<unknown>;
}

/** Marks a call that begins after the end. */
const NOT_BEGUN = Symbol("not begun");
/** Marks a call that did not fail before the end. */
const NO_FAILURE = Symbol("no failure");

/**
 * Creates an empty list of calls.
 *
 * @param assertUsable called before each call of {@link CallScope.watch}
 */
export function createCallScope(assertUsable?: () => void): CallScope {
  const pending = new Set<PendingCall>();
  let begun = 0;
  let ending: EndOfCalls | undefined;

  /** A function, because TypeScript assumes that the variable stays as it is during a call. */
  function ended(): EndOfCalls | undefined {
    return ending;
  }

  async function settled<T>(
    call: () => Promise<T>,
    { promise, resolve, reject }: PromiseWithResolvers<T>,
    entry: PendingCall,
    failed: ((error: unknown) => unknown) | undefined,
  ): Promise<T> {
    try {
      if (ended() !== undefined) throw NOT_BEGUN;
      // The functions of the promise itself: stack traces follow them to the caller.
      call().then(resolve, reject);
      const result = await promise;
      if (ended() === undefined) return result;
      throw NO_FAILURE;
    } catch (failure) {
      // The end rejects what is pending, and nothing waits for this call now.
      pending.delete(entry);
      const error = await errorOf(failure, ended());
      throw failed === undefined ? error : failed(error);
    } finally {
      pending.delete(entry);
    }
  }

  return {
    run<T>(
      call: () => Promise<T>,
      failed?: (error: unknown) => unknown,
    ): Promise<T> {
      begun++;
      const outcome = Promise.withResolvers<T>();
      const { promise: result, reject } = outcome;
      const entry: PendingCall = { reject, result };
      pending.add(entry);
      return entry.result = settled(call, outcome, entry, failed);
    },
    async watch(call) {
      try {
        if (ended() !== undefined) throw NOT_BEGUN;
        assertUsable?.();
        const result = await call();
        if (ended() === undefined) return result;
        throw NO_FAILURE;
      } catch (error) {
        throw await errorOf(error, ended());
      }
    },
    get size() {
      return pending.size;
    },
    get begun() {
      return begun;
    },
    get ended() {
      return ending !== undefined;
    },
    async end(end) {
      ending = end;
      const { gracePeriod = 0, isReported = false } = end;
      const results = [...pending].map(({ result }) => result);
      if (isReported) { for (const result of results) result.catch(() => {}); }
      const timer = new AbortController();
      const all = Promise.allSettled(results);
      if (gracePeriod > 0 && results.length > 0) {
        all.then(() => timer.abort());
        await pause(gracePeriod, timer.signal);
      }
      for (const { reject } of pending) reject(NO_FAILURE);
      await all;
    },
  };
}

/** The error of a call: its own, or the one about the end. */
async function errorOf(
  error: unknown,
  ending: EndOfCalls | undefined,
): Promise<unknown> {
  if (ending === undefined) return error;
  await ending.until;
  if (error === NOT_BEGUN) return ending.later();
  return error === NO_FAILURE ? ending.running() : ending.running(error);
}
