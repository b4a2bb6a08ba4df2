/** A number of workers, each of which does one piece of work at a time. */
interface Slots<Worker> {
  /**
   * Begins work when a worker is free, and resolves when the work has begun.
   * @throws the error of work that failed before
   */
  run(work: (worker: Worker) => Promise<void>): Promise<void>;
  /**
   * Waits for all work.
   * @throws the error of work that failed
   */
  finish(): Promise<void>;
  /** Waits for all work, and ignores its errors. */
  settle(): Promise<void>;
}

/** Creates workers, at most `count`, each before its first work. */
export function createSlots<Worker>(
  count: number,
  create: () => Worker,
): Slots<Worker> {
  const free: Worker[] = [];
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const assertDone = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  return {
    async run(work) {
      while (running.size >= count) await Promise.race(running);
      assertDone();
      const worker = free.pop() ?? create();
      const result = work(worker)
        .catch((error) => {
          failure ??= { error };
        })
        .finally(() => {
          running.delete(result);
          free.push(worker);
        });
      running.add(result);
    },
    async finish() {
      await Promise.all(running);
      assertDone();
    },
    async settle() {
      await Promise.all(running);
    },
  };
}
