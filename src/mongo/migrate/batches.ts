import type { Document } from "mongodb";
import { send, subjectOf, type Target } from "./command.ts";
import { isDocument } from "./json.ts";

/** How many documents one command changes. */
const BATCH = 1000;

/**
 * Runs an update or a delete in parts: the documents that its filter finds, a
 * thousand at a time, until it finds none that it changes.
 *
 * @param between called before each part and at the end, with the number changed so far
 */
export async function inBatches(
  target: Target,
  command: Document,
  limit: number | undefined,
  between: (changed: number) => Promise<void>,
): Promise<void> {
  const { name, collection } = subjectOf(command);
  const parts = name === "update" ? "updates" : "deletes";
  const [part]: unknown[] = command[parts];
  const filter: Document = isDocument(part) && isDocument(part.q) ? part.q : {};
  let total = 0;
  const change = async (ids: readonly unknown[]): Promise<number> => {
    await between(total);
    const result = await send(target, {
      ...command,
      [parts]: [{
        ...isDocument(part) ? part : {},
        q: { $and: [{ _id: { $in: ids } }, filter] },
      }],
    }, limit);
    const changed = Number(
      (name === "update" ? result.nModified : result.n) ?? 0,
    );
    total += changed;
    return changed;
  };
  for (;;) {
    const found = target.db.collection(target.prefix + collection).find(
      filter,
      { projection: { _id: 1 }, batchSize: BATCH },
    );
    let [changed, ids]: [number, unknown[]] = [0, []];
    for await (const { _id } of found) {
      ids.push(_id);
      if (ids.length < BATCH) continue;
      changed += await change(ids);
      ids = [];
    }
    if (ids.length > 0) changed += await change(ids);
    if (changed === 0) {
      await between(total);
      return;
    }
  }
}
