import type { Document } from "mongodb";
import { ALL } from "../../query/statement/condition.ts";
import type { UpdateEachStatement } from "../../query/statement/statement.ts";
import { withIncrements } from "../../query/write/out_of_range.ts";
import { refuseUnstorable } from "../codec/refusal.ts";
import { sizeAssertion } from "../codec/document_size.ts";
import { encodeValues } from "../codec/row_encoder.ts";
import { compileFilter } from "../compile/filter.ts";
import { refuseOperations, updateOf } from "../compile/update.ts";
import { keyIdentity, keysFilter } from "../compile/keys.ts";
import { isOutOfRange } from "../compile/sum.ts";
import { previewChanges, refuseDuplicates } from "./base/refuse_duplicates.ts";
import { uniqueKey } from "./base/unique_key.ts";
import type { WriteContext } from "./base/write_context.ts";

/**
 * Sets different values in rows, found by their primary keys.
 *
 * @returns the number of keys that exist
 */
export async function updateEach(
  context: WriteContext,
  statement: UpdateEachStatement,
): Promise<number> {
  const { link, scope, undoLog } = context;
  const { model, key: fields, where = ALL, set, changes } = statement;
  const { operations: computed } = statement;
  if (changes.length === 0) return 0;
  const restricted = (filter: Document): Document =>
    where.kind === "all"
      ? filter
      : { $and: [filter, compileFilter(model, where)] };
  const filter = restricted(keysFilter(fields, changes.map(({ key }) => key)));
  const documents = encodeChanges(statement);
  const byIdentity = new Map(
    changes.map(({ key }, index) => [keyIdentity(key), documents[index] ?? {}]),
  );
  const operations = changes.map(({ key }, index) => ({
    updateOne: {
      filter: restricted(keysFilter(fields, [key])),
      update: updateOf(model, documents[index] ?? {}, computed),
    },
  }));
  if (scope !== undefined) {
    const { identityOf } = uniqueKey(fields);
    const columns = new Set(set.map(({ column }) => column));
    await refuseDuplicates(
      context,
      model,
      columns,
      () =>
        previewChanges(
          context,
          model,
          filter,
          (document) => byIdentity.get(identityOf(document)) ?? {},
        ),
    );
  }
  await undoLog?.recordMatches(model, filter);
  const send = () =>
    link.send({
      table: model.table,
      command: { name: "update", parts: { documents: operations.length } },
      work: async (collection, options) => {
        const { matchedCount } = await collection.bulkWrite(
          operations,
          options,
        );
        return matchedCount;
      },
      rows: (count) => count,
    });
  return await withIncrements(statement, isOutOfRange, send);
}

/**
 * Encodes the values that each change sets.
 *
 * @throws {ValidationError} with the first change that a document cannot hold
 */
export function encodeChanges(
  { model, set, operations, changes }: UpdateEachStatement,
): readonly Document[] {
  refuseOperations(model, operations);
  const assertSize = sizeAssertion(model);
  return changes.map(({ values }, index) => {
    const pairs = set.map((field, part) => [field, values[part]] as const);
    refuseUnstorable(model, pairs, index);
    const document = encodeValues(pairs);
    assertSize?.(document, index);
    return document;
  });
}
