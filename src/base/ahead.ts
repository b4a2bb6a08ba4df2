/**
 * Yields the results of work on each item, in the order of the items. The work on
 * the next items goes on while a result is used, and has ended when the loop has.
 *
 * @param count the items that are worked on while a result is used
 */
export async function* ahead<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  count: number,
): AsyncGenerator<Result> {
  const pending = new Set<Promise<Result>>();
  try {
    for (const read of readsOf(items)) {
      const result = started(read, work);
      // A failure is reported when its result is asked for.
      result.catch(() => {});
      pending.add(result);
      if (pending.size > count) yield await first(pending);
    }
    while (pending.size > 0) yield await first(pending);
  } finally {
    await Promise.allSettled(pending);
  }
}

/** Reads an item, or throws why it cannot be read. */
type ReadItem<Item> = () => Item;

/** Yields the reads of each item. One that fails is the last, and does not hide the items before it. */
function* readsOf<Item>(items: Iterable<Item>): Generator<ReadItem<Item>> {
  try {
    for (const item of items) yield () => item;
  } catch (error) {
    yield () => {
      throw error;
    };
  }
}

async function started<Item, Result>(
  read: ReadItem<Item>,
  work: (item: Item) => Promise<Result>,
): Promise<Result> {
  return await work(read());
}

/** Removes the oldest result, and returns it. */
async function first<Result>(
  pending: Set<Promise<Result>>,
): Promise<Result> {
  const [oldest] = pending;
  if (oldest === undefined) throw new TypeError("There is no result");
  const result = await oldest;
  pending.delete(oldest);
  return result;
}
