import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type {
  Condition,
  DeleteStatement,
  UpdateEachStatement,
  UpdateStatement,
} from "../../query/statement/statement.ts";
import { uniqueKey } from "./base/unique_key.ts";
import { sizeCheck } from "../codec/document_size.ts";
import { filterOf } from "../compile/condition.ts";
import { identityOf, keysFilter } from "../compile/keys.ts";
import { goesBy, partsOf } from "../compile/split_lists.ts";
import { changeOf, refuseUnderivable } from "../codec/derived.ts";
import { documentOf } from "../codec/encode.ts";
import { changing, keysAmong, refuseTaken } from "./base/refuse_taken_keys.ts";
import { stoppedMidway } from "./base/partial_write.ts";
import type { Place } from "./base/write_context.ts";
import { isOfOne } from "../compile/names_one_row.ts";

/** Keys of several fields that one command takes away. */
const KEYS = 100;

/** The same change to every row that matches; how many do. */
export async function update(
  place: Place,
  { model, where, set }: UpdateStatement,
): Promise<number> {
  refuseUnderivable(model, set, 0);
  const values = documentOf(set);
  // A row that was changed must not meet another part.
  const parts = goesBy(where, new Set(set.keys())) ? [where] : partsOf(where);
  const work = (part: Condition) => updatePart(place, model, part, values);
  return isOfOne(model, where)
    ? await work(where)
    : await inTurns(place, "changed", parts, work);
}

async function updatePart(
  place: Place,
  model: AnyModel,
  where: Condition,
  values: Document,
): Promise<number> {
  const { link, scope, undo } = place;
  const filter = filterOf(where);
  const change = changeOf(model, values);
  const single = isOfOne(model, where);
  // Outside a transaction a change to one row is made or not made anyway.
  if (scope !== undefined || !single) {
    await refuseTaken(
      place,
      model,
      new Set(Object.keys(values)),
      () => changing(place, model, filter, () => values),
    );
  }
  await undo?.before(model, filter);
  return await link.send({
    table: model.table,
    command: { name: "update", parts: { filter, update: change } },
    work: async (collection, options) => {
      const { matchedCount } = await collection.updateMany(
        filter,
        change,
        options,
      );
      return matchedCount;
    },
    rows: (count) => count,
  });
}

/** Does the parts of a command for every row that matches; how many rows that is. */
async function inTurns(
  place: Place,
  what: "changed" | "deleted",
  parts: readonly Condition[],
  work: (part: Condition) => Promise<number>,
): Promise<number> {
  let done = 0;
  for (const part of parts) {
    try {
      done += await work(part);
    } catch (error) {
      throw stoppedMidway(place, error, what, done);
    }
  }
  return done;
}

/** A change of its own to each row; how many of the keys are there. */
export async function updateEach(
  place: Place,
  statement: UpdateEachStatement,
): Promise<number> {
  const { link, scope, undo } = place;
  const { model, set, changes } = statement;
  if (changes.length === 0) return 0;
  const filter = filterOf(changedRows(statement));
  const fields = primaryKey(model);
  const documents = changeDocuments(statement);
  const sets = new Map(
    changes.map(({ key }, place) => [identityOf(key), documents[place] ?? {}]),
  );
  const operations = changes.map(({ key }, place) => ({
    updateOne: {
      filter: keysFilter(fields, [key]),
      update: changeOf(model, documents[place] ?? {}),
    },
  }));
  const key = uniqueKey(fields);
  if (scope !== undefined) {
    await refuseTaken(
      place,
      model,
      new Set(set.map(({ column }) => column)),
      () =>
        changing(
          place,
          model,
          filter,
          (document) => sets.get(key.identity(document)) ?? {},
        ),
    );
  }
  await undo?.before(model, filter);
  return await link.send({
    table: model.table,
    command: { name: "update", parts: { documents: operations.length } },
    work: async (collection, options) => {
      const { matchedCount } = await collection.bulkWrite(operations, options);
      return matchedCount;
    },
    rows: (count) => count,
  });
}

/**
 * What each of many changes sets.
 *
 * @throws {ValidationError} naming the first that no document can hold
 */
export function changeDocuments(
  { model, set, changes }: UpdateEachStatement,
): readonly Document[] {
  const check = sizeCheck(model);
  return changes.map(({ values }, index) => {
    const pairs = set.map((field, place) => [field, values[place]] as const);
    refuseUnderivable(model, pairs, index);
    const document = documentOf(pairs);
    check?.(document, index);
    return document;
  });
}

/** The rows that many changes are for. */
export function changedRows(
  { model, changes }: UpdateEachStatement,
): Condition {
  return {
    kind: "keys",
    fields: primaryKey(model),
    keys: changes.map(({ key }) => key),
  };
}

/** The keys of the rows that a statement is for, as documents; none where it does not go by keys. */
export function keysIn(
  statement: UpdateEachStatement | DeleteStatement,
): { readonly fields: readonly Field[]; readonly keys: readonly Document[] } {
  const { fields, keys } = statement.kind === "updateEach"
    ? {
      fields: primaryKey(statement.model),
      keys: statement.changes.map(({ key }) => key),
    }
    : statement.where.kind === "keys"
    ? statement.where
    : { fields: [], keys: [] };
  return {
    fields,
    keys: keys.map((key) =>
      Object.fromEntries(
        fields.map(({ column }, place) => [column, key[place]]),
      )
    ),
  };
}

/** No rows where rows were; how many went. */
export async function remove(
  place: Place,
  { model, where }: DeleteStatement,
): Promise<number> {
  const work = (part: Condition) => removePart(place, model, part);
  return isOfOne(model, where)
    ? await work(where)
    : await inTurns(place, "deleted", deletions(where), work);
}

/** The server holds each document that it takes away against every key of several fields: some keys at a time are many times as fast. */
function deletions(where: Condition): readonly Condition[] {
  if (where.kind !== "keys" || where.fields.length === 1) return partsOf(where);
  const { keys } = where;
  return Array.from(
    { length: Math.ceil(keys.length / KEYS) },
    (_, part) => ({
      ...where,
      keys: keys.slice(part * KEYS, (part + 1) * KEYS),
    }),
  );
}

async function removePart(
  { link, undo }: Place,
  model: AnyModel,
  where: Condition,
): Promise<number> {
  const filter = filterOf(where);
  await undo?.before(model, filter);
  return await link.send({
    table: model.table,
    command: { name: "delete", parts: { filter } },
    work: async (collection, options) => {
      const { deletedCount } = await collection.deleteMany(filter, options);
      return deletedCount;
    },
    rows: (count) => count,
  });
}

/** Whether a change could fail when some rows are changed, as it sets a part of a unique key of several. */
export function touchesKeys({ model, where, set }: UpdateStatement): boolean {
  if (isOfOne(model, where)) return false;
  const columns = new Set([...set.keys()].map(({ column }) => column));
  return keysAmong(model, columns).length > 0;
}

function primaryKey(model: AnyModel): readonly Field[] {
  return fieldsNamed(model, model.primaryKey);
}
