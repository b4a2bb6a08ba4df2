import type { Document } from "mongodb";
import type { Field } from "../../../model/field.ts";
import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { keysFilter } from "../../compile/keys.ts";
import { changeOf } from "../../codec/derived.ts";
import { refuseTaken } from "../base/refuse_taken_keys.ts";
import type { Place } from "../base/write_context.ts";
import type { Fates } from "./send_changes.ts";
import type { Folded } from "./fold_rows.ts";
import type { UniqueKey } from "../base/unique_key.ts";
import { inLanes } from "./parallel_parts.ts";

/** The changes, each found by its key; where fields decide who wins, only while those are as they were read. */
export async function sendChanges(
  place: Place,
  { model, prefer }: UpsertStatement,
  key: UniqueKey,
  changed: readonly Folded[],
  fates: Fates,
): Promise<number> {
  if (changed.length === 0) return 0;
  const { link, scope, undo } = place;
  if (scope !== undefined) {
    await refuseTaken(
      place,
      model,
      new Set(changed.flatMap(({ set = {} }) => Object.keys(set))),
      () =>
        Promise.resolve(
          changed.map(({ before = {}, now }) => ({ before, after: now })),
        ),
    );
  }
  await undo?.before(
    model,
    keysFilter(key.fields, changed.map(({ now }) => key.of(now))),
  );
  const guard = [...key.fields, ...prefer];
  const operations = changed.map(({ before = {}, set = {} }) => ({
    updateOne: { filter: equalTo(guard, before), update: changeOf(model, set) },
  }));
  return await link.send({
    table: model.table,
    command: { name: "update", parts: { documents: operations.length } },
    work: async (collection, options) => {
      const matched = await inLanes(
        operations,
        options.session !== undefined,
        async (part, from) => {
          const documents = changed.slice(from, from + part.length)
            .map(({ now }) => now);
          const { matchedCount } = await fates.sending(
            documents,
            () => collection.bulkWrite(part, { ...options, ordered: false }),
          );
          // Which of them others came before is seen when they come again.
          if (matchedCount < part.length) fates.add("unknown", documents);
          return matchedCount;
        },
      );
      return matched.reduce((sum, count) => sum + count, 0);
    },
    rows: (count) => count,
  });
}

function equalTo(fields: readonly Field[], document: Document): Document {
  return Object.fromEntries(
    fields.map(({ column }) => [column, { $eq: document[column] ?? null }]),
  );
}
