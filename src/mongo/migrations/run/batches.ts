import type { Document } from "mongodb";
import { MigrationError } from "../../../base/errors/mod.ts";
import { send, subjectOf, type Target } from "../file/command.ts";
import { isDocument } from "../../schema/documents.ts";
import { canonicalText } from "../file/json.ts";

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
  /** The first batch of a pass whose documents were all changed. */
  let sample: readonly unknown[] | undefined;
  for (;;) {
    const previous = sample;
    sample = undefined;
    let changed = 0;
    const changeBatch = async (ids: readonly unknown[]): Promise<void> => {
      const count = await change(ids);
      changed += count;
      if (count < ids.length) return;
      if (areEqual(ids, previous)) throw endlessError(command, count);
      sample ??= ids;
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
    let isFirst = true;
    for await (const ids of batchesOf(found)) {
      if (isFirst && previous !== undefined && !areEqual(ids, previous)) {
        await changeBatch(previous);
      }
      isFirst = false;
      await changeBatch(ids);
    }
    if (changed === 0) {
      await between(total);
      return;
    }
  }
}

async function* batchesOf(
  documents: AsyncIterable<Document>,
): AsyncGenerator<readonly unknown[]> {
  let ids: unknown[] = [];
  for await (const { _id } of documents) {
    ids.push(_id);
    if (ids.length < BATCH) continue;
    yield ids;
    ids = [];
  }
  if (ids.length > 0) yield ids;
}

function areEqual(
  ids: readonly unknown[],
  others: readonly unknown[] | undefined,
): boolean {
  return ids.length === others?.length &&
    canonicalText(ids) === canonicalText(others);
}

function endlessError(command: Document, count: number): MigrationError {
  const { name, collection } = subjectOf(command);
  return new MigrationError(
    `The ${name} changes the same documents of ${collection} in every pass, so it never ends: ${count} documents were changed twice. Exclude changed documents in the filter`,
  );
}
