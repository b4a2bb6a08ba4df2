import type { Document } from "mongodb";
import type {
  Outcome,
  UpsertStatement,
} from "../../../query/statement/statement.ts";
import { failedAfter } from "../base/partial_write.ts";
import type { Place } from "../base/write_context.ts";
import { createTally } from "../base/row_fates.ts";
import { batches } from "./batches.ts";
import { type Change, changeMaker, refuseIncomplete } from "./change.ts";
import { createFates } from "./send_changes.ts";
import { uniqueKey } from "../base/unique_key.ts";
import { merge } from "./merge.ts";
import { remember } from "./overwrite.ts";

/** The share of a batch's rows that must have been new for the next batch to be sent as new without a look. */
const MOST = 0.95;

/** Writes new rows and changes to those that are there. Each batch is read, gone through in memory, and what is new or different is written. */
export async function upsert(
  place: Place,
  statement: UpsertStatement,
): Promise<Outcome<UpsertStatement>> {
  const key = uniqueKey(statement.conflict);
  const outcome = { inserted: 0, updated: 0, unchanged: 0 };
  const tally = createTally(
    statement.conflict,
    !Array.isArray(statement.rows),
    false,
  );
  let failed: { readonly error: unknown } | undefined;
  const source = batches(statement.rows, changeMaker(statement, key), {
    held: (held) => refuseIncomplete(place, statement, key, held),
    halted: () => failed !== undefined,
    left: (changes) => tally.add("unwritten", documentsOf(changes)),
  });
  let blind = false;
  async function write(batch: readonly Change[]): Promise<void> {
    const before = { ...outcome };
    const fates = createFates(key);
    try {
      await place.together(() =>
        merge(place, statement, key, batch, blind, outcome, fates)
      );
    } catch (error) {
      fates.tell(batch, tally);
      throw error;
    }
    tally.add("written", documentsOf(batch));
    const inserted = outcome.inserted - before.inserted;
    const updated = outcome.updated - before.updated;
    outcome.unchanged += batch.length - inserted - updated;
    remember(place, statement, updated, batch.length);
    blind = place.scope === undefined && inserted >= batch.length * MOST;
  }
  try {
    for await (const batch of source) {
      if (failed !== undefined) tally.add("unwritten", documentsOf(batch));
      else await write(batch).catch((error) => void (failed = { error }));
    }
    if (failed !== undefined) throw failed.error;
  } catch (error) {
    const written = outcome.inserted + outcome.updated;
    throw failedAfter(place, error, written, tally);
  }
  return outcome;
}

function documentsOf(batch: readonly Change[]): readonly Document[] {
  return batch.map(({ document }) => document);
}
