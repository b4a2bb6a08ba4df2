import type { Document } from "mongodb";
import { SerializationError } from "../../../base/errors/mod.ts";
import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { derive } from "../../codec/derived.ts";
import { documentsByKey } from "../../read/documents_by_key.ts";
import type { Place } from "../base/write_context.ts";
import { takenError } from "../../link/duplicate_key.ts";
import type { Change } from "./change.ts";
import { sendChanges } from "./changes.ts";
import type { Fates } from "./send_changes.ts";
import { fold, type Folded } from "./fold_rows.ts";
import { sift, taken, type UniqueKey, uniqueKeys } from "../base/unique_key.ts";
import { inLanes } from "./parallel_parts.ts";
import { overwrite } from "./overwrite.ts";
import { sendTold } from "../base/send_new.ts";

/** How often a batch is gone through again because others wrote the same rows. */
const TRIES = 20;
const NONE: ReadonlyMap<string, Document> = new Map();

/** What of a batch has been written. */
export interface Merged {
  inserted: number;
  updated: number;
}

/**
 * Writes a batch: new rows, and changes to those that are there.
 *
 * @param blind whether its rows are taken for new until the server says that they are not
 * @param outcome is added to
 */
export async function merge(
  place: Place,
  statement: UpsertStatement,
  key: UniqueKey,
  batch: readonly Change[],
  blind: boolean,
  outcome: Merged,
  fates: Fates,
): Promise<void> {
  const { model, conflict } = statement;
  let rest = batch;
  const over = await overwrite(place, statement, batch, fates);
  if (over !== undefined) {
    outcome.inserted += over.inserted;
    outcome.updated += over.updated;
    rest = lostOf(batch, over.lost);
  }
  for (let tries = 0; rest.length > 0; tries++) {
    if (tries === TRIES) {
      throw new SerializationError(
        `Cannot write ${model.name}: other writers kept changing the same rows; run this again`,
      );
    }
    // A row that is taken for new and is not is refused, and comes again.
    const there = blind && tries === 0 && rest.every(({ complete }) => complete)
      ? NONE
      : await documentsByKey(
        place.link,
        model,
        conflict,
        keysOfBatch(key, rest),
      );
    const folded = fold(statement, rest, there);
    const news = folded.filter(({ before }) => before === undefined);
    const changed = folded.filter(({ before, set }) =>
      before !== undefined && set !== undefined
    );
    const sent = await sendNews(place, statement, key, news, fates);
    outcome.inserted += sent.inserted;
    const lost = new Set<string | undefined>(sent.lost);
    const updated = await sendChanges(place, statement, key, changed, fates);
    outcome.updated += updated;
    if (updated < changed.length) {
      for (const { identity } of changed) lost.add(identity);
    }
    if (lost.size === 0) return;
    rest = lostOf(rest, lost);
  }
}

function lostOf(
  batch: readonly Change[],
  lost: ReadonlySet<string | undefined>,
): readonly Change[] {
  return lost.size === 0
    ? []
    : batch.filter(({ identity }) => lost.has(identity));
}

/** New rows. One whose key was taken meanwhile is to become a change; where another of its keys is taken, that is an error. */
async function sendNews(
  place: Place,
  { model, conflict }: UpsertStatement,
  key: UniqueKey,
  news: readonly Folded[],
  fates: Fates,
): Promise<{ inserted: number; lost: readonly (string | undefined)[] }> {
  const documents = news.map(({ now }) => derive(model, now));
  if (place.scope !== undefined) {
    const sifted = await sift(place.link, model, uniqueKeys(model), documents);
    if (sifted.taken > 0) throw taken(model, sifted.key);
  }
  const sent = await inLanes(
    documents,
    place.scope !== undefined,
    async (part, from) => {
      const { inserted, taken } = await sendTold(
        place,
        model,
        part,
        fates,
      );
      return { inserted, taken, from };
    },
  );
  const refused = sent.flatMap(({ taken, from }) =>
    taken.flatMap(({ index, message }) => {
      const row = news[from + index];
      return row === undefined ? [] : [{ ...row, message }];
    })
  );
  const there = await documentsByKey(
    place.link,
    model,
    conflict,
    refused.filter(({ identity }) => identity !== undefined)
      .map(({ now }) => key.of(now)),
    conflict,
  );
  for (const { identity, message } of refused) {
    if (identity === undefined || !there.has(identity)) {
      throw takenError(model, model.table, message);
    }
  }
  return {
    inserted: sent.reduce((sum, { inserted }) => sum + inserted, 0),
    lost: refused.map(({ identity }) => identity),
  };
}

function keysOfBatch(
  key: UniqueKey,
  batch: readonly Change[],
): readonly (readonly unknown[])[] {
  const keys = new Map<string, readonly unknown[]>();
  for (const { identity, document } of batch) {
    if (identity !== undefined) keys.set(identity, key.of(document));
  }
  return [...keys.values()];
}
