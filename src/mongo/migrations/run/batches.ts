import type { Document } from "mongodb";
import { MigrationError } from "../../../base/errors/mod.ts";
import { send, subjectOf, type Target } from "../file/command.ts";
import { canonicalText, isDocument } from "../file/json.ts";

/** Number of documents that one command changes. */
const BATCH = 1000;

/**
 * Runs an update or a delete in batches: finds the documents that match its
 * filter and changes them, a thousand at a time, until a pass changes none.
 *
 * @param between called before each batch and at the end, with the number of
 * documents changed so far
 * @throws {MigrationError} if a pass changes the same documents again, for it
 * would never end
 */
export async function inBatches(
  target: Target,
  command: Document,
  limit: number | undefined,
  between: (changed: number) => Promise<void>,
): Promise<void> {
  const { name, collection } = subjectOf(command);
  const parts = name === "update" ? "updates" : "deletes";
  const [given]: unknown[] = command[parts];
  const part: Document = isDocument(given) ? given : {};
  const { q: filter = {}, collation, hint } = part;
  const { let: variables } = command;
  let total = 0;
  const change = async (ids: readonly unknown[]): Promise<number> => {
    await between(total);
    const result = await send(target, {
      ...command,
      [parts]: [{ ...part, q: { $and: [{ _id: { $in: ids } }, filter] } }],
    }, limit);
    const changed = Number(
      (name === "update" ? result.nModified : result.n) ?? 0,
    );
    total += changed;
    return changed;
  };
  /** The first batch that the previous pass changed completely. */
  let sample: readonly unknown[] = [];
  for (;;) {
    const previous = sample;
    sample = [];
    let changed = 0;
    let isFirst = true;
    const changeBatch = async (ids: readonly unknown[]): Promise<void> => {
      const isSame = isFirst && areEqual(ids, previous);
      if (isFirst && !isSame && previous.length > 0) {
        assertProgress(await change(previous));
      }
      isFirst = false;
      const count = await change(ids);
      if (isSame) assertProgress(count);
      if (sample.length === 0 && count === ids.length) sample = ids;
      changed += count;
    };
    const assertProgress = (count: number): void => {
      if (count < previous.length) return;
      throw new MigrationError(
        `The ${name} changes the same documents of ${collection} in every pass, so it never ends: ${count} documents were changed twice. Exclude changed documents in the filter`,
      );
    };
    const found = target.db.collection(target.prefix + collection).find(
      filter,
      {
        projection: { _id: 1 },
        batchSize: BATCH,
        ...collation === undefined ? {} : { collation },
        ...hint === undefined ? {} : { hint },
        ...variables === undefined ? {} : { let: variables },
        ...target.session === undefined ? {} : { session: target.session },
      },
    );
    let ids: unknown[] = [];
    for await (const { _id } of found) {
      ids.push(_id);
      if (ids.length < BATCH) continue;
      await changeBatch(ids);
      ids = [];
    }
    if (ids.length > 0) await changeBatch(ids);
    if (changed === 0) {
      await between(total);
      return;
    }
  }
}

function areEqual(
  ids: readonly unknown[],
  others: readonly unknown[],
): boolean {
  return ids.length === others.length &&
    canonicalText(ids) === canonicalText(others);
}
