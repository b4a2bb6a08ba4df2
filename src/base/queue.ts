/** Runs work after all earlier work of the same queue, also if that failed. */
export type Enqueue = <T>(work: () => Promise<T>) => Promise<T>;

/** Creates a queue that runs one piece of work at a time, in the order of the calls. */
export function createQueue(): Enqueue {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
}
