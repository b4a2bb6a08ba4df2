import { untilAborted } from "../query/limit/limit.ts";
import type { Handover } from "./handover.ts";

/** What a writer does with the rows that it was given, one job at a time. */
interface Jobs {
  /** Adds rows to the next job. */
  add(handover: Handover): void;
  /** Resolves when there is room for more rows. */
  room(): Promise<void>;
  /** Resolves when all rows added before are written. A wait that the signal ends leaves the result to the next caller. */
  finish(signal?: AbortSignal): Promise<void>;
  /** Whether rows are not written yet, or a failure is not reported yet. */
  readonly isIdle: boolean;
  /** Stops the timer. */
  stop(): void;
}

/** How jobs begin. */
interface JobOptions {
  /** The number of waiting rows at which a job begins, and above which there is no room. */
  readonly maxRows: number;
  /** The longest time in milliseconds that rows wait. */
  readonly maxMilliseconds: number;
  /** Whether jobs begin by themselves. */
  readonly isAutomatic: boolean;
  /** Writes rows. */
  readonly work: (handovers: readonly Handover[]) => Promise<void>;
}

interface Job {
  readonly result: Promise<void>;
  /** The number of callers that wait for the result, and so learn about a failure. */
  waiting: number;
}

/**
 * Creates the jobs of a writer. A job takes all rows that wait when it begins. If
 * one fails, the rows that wait behind it are dropped too: a caller who learns of
 * the failure hands all of them over again.
 */
export function createJobs(
  { maxRows, maxMilliseconds, isAutomatic, work }: JobOptions,
): Jobs {
  let waiting: Handover[] = [];
  let reading: Promise<void>[] = [];
  let rows = 0;
  /** Numbers of handovers: so far, and those that are written or dropped. */
  let added = 0;
  let ended = 0;
  let running: Job | undefined;
  let failure: { readonly error: unknown } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDue = false;
  let isPlanned = false;

  function begin(): Job {
    const handovers = waiting;
    const count = added;
    waiting = [];
    rows = 0;
    stop();
    const job: Job = {
      waiting: 0,
      result: work(handovers).then(
        () => end(count),
        (error) => {
          if (job.waiting === 0) failure = { error };
          waiting = [];
          rows = 0;
          stop();
          end(added);
          throw error;
        },
      ),
    };
    // A failure that nobody awaits is reported by the next call.
    job.result.catch(() => {});
    return running = job;
  }

  function end(count: number): void {
    ended = count;
    running = undefined;
    plan();
  }

  /** Begins a job if it is time for one, after the calls that the program makes without a break: they share a transaction. */
  function plan(): void {
    if (!isAutomatic || waiting.length === 0) return;
    if (rows < maxRows && !isDue) {
      timer ??= setTimeout(() => {
        isDue = true;
        plan();
      }, maxMilliseconds);
      return;
    }
    if (isPlanned) return;
    isPlanned = true;
    queueMicrotask(() => {
      isPlanned = false;
      const isTime = waiting.length > 0 && (rows >= maxRows || isDue);
      if (running === undefined && isTime) begin();
    });
  }

  function stop(): void {
    clearTimeout(timer);
    timer = undefined;
    isDue = false;
  }

  /** @throws the error of a job that failed while nobody awaited it */
  function report(): void {
    if (failure === undefined) return;
    const { error } = failure;
    failure = undefined;
    throw error;
  }

  async function awaited(job: Job, signal?: AbortSignal): Promise<void> {
    job.waiting++;
    try {
      await (signal === undefined
        ? job.result
        : untilAborted(signal, job.result));
    } finally {
      job.waiting--;
    }
  }

  return {
    add(handover) {
      added++;
      // The next call reports the failure, and so that these rows are dropped too.
      if (failure !== undefined) return void (ended = added);
      waiting.push(handover);
      if (handover.read === undefined) {
        rows += handover.rows.length;
        return plan();
      }
      const read = handover.read.catch(() => {}).then(() => {
        reading = reading.filter((other) => other !== read);
        if (waiting.includes(handover)) rows += handover.rows.length;
        plan();
      });
      reading.push(read);
      plan();
    },
    async room() {
      report();
      await Promise.all(reading);
      while (rows >= maxRows) {
        if (running === undefined && isAutomatic) return;
        await awaited(running ?? begin());
      }
      report();
    },
    async finish(signal) {
      report();
      const count = added;
      while (ended < count) await awaited(running ?? begin(), signal);
      report();
    },
    get isIdle() {
      return ended === added && failure === undefined;
    },
    stop,
  };
}
