import type { Document } from "mongodb";
import { MigrationError } from "../../../base/errors/mod.ts";
import { send, subjectOf, type Target } from "../file/command.ts";
import { isDocument } from "../file/json.ts";

/** How many documents one command changes. */
const BATCH = 1000;

/**
 * Runs an update or a delete in parts: the documents that its filter finds, a
 * thousand at a time, until it finds none that it changes.
 *
 * @param between called before each part and at the end, with the number changed so far
 * @throws {MigrationError} where it changes the same documents again, which
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
  let sample: readonly unknown[] = [];
  for (;;) {
    if (sample.length > 0 && await change(sample) === sample.length) {
      throw new MigrationError(
        `The ${name} changes the same documents again each time, as ${sample.length} of ${collection}: write a filter that leaves out those that are done`,
      );
    }
    sample = [];
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
    let [changed, ids]: [number, unknown[]] = [0, []];
    const changeThem = async (): Promise<void> => {
      const some = await change(ids);
      if (sample.length === 0 && some === ids.length) sample = ids;
      changed += some;
      ids = [];
    };
    for await (const { _id } of found) {
      ids.push(_id);
      if (ids.length === BATCH) await changeThem();
    }
    if (ids.length > 0) await changeThem();
    if (changed === 0) {
      await between(total);
      return;
    }
  }
}
