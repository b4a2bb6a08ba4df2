import type { Document } from "mongodb";
import type { AnyModel } from "../../../model/types.ts";
import { taken, type UniqueKey, uniqueKeys } from "./unique_key.ts";
import { idText } from "../../codec/id_text.ts";
import { documentsByKey } from "../../read/documents_by_key.ts";
import type { Place } from "./write_context.ts";

/** A document that is to change. */
export interface Changing {
  /** As it is, with its `_id`. */
  readonly before: Document;
  /** As it is to be. */
  readonly after: Document;
}

/**
 * Refuses changes that would take a key which another document has: told by
 * the server, that would be a transaction's end, or come when some are made.
 *
 * @param columns what the changes set
 * @param find gives the documents; it is called where they set a part of a key
 */
export async function refuseTaken(
  { link }: Place,
  model: AnyModel,
  columns: ReadonlySet<string>,
  find: () => Promise<readonly Changing[]>,
): Promise<void> {
  const keys = keysAmong(model, columns);
  if (keys.length === 0) return;
  const changing = await find();
  const own = new Set(changing.map(({ before }) => idText(before._id)));
  for (const key of keys) {
    const wanted = changing.map(({ after }) => key.of(after))
      .filter((values) =>
        !values.some((value) => value === null || value === undefined)
      );
    const identities = new Set(
      changing.flatMap(({ after }) => key.identity(after) ?? []),
    );
    if (identities.size < wanted.length) throw taken(model, key);
    const there = await documentsByKey(link, model, key.fields, wanted);
    for (const { _id } of there.values()) {
      if (!own.has(idText(_id))) throw taken(model, key);
    }
  }
}

/** The unique keys of which these columns are a part. */
export function keysAmong(
  model: AnyModel,
  columns: ReadonlySet<string>,
): readonly UniqueKey[] {
  return uniqueKeys(model).filter(({ fields }) =>
    fields.some(({ column }) => columns.has(column))
  );
}

/** The documents that a filter finds, as they are and as a change would have them. */
export async function changing(
  { link }: Place,
  { table }: AnyModel,
  filter: Document,
  change: (document: Document) => Document,
): Promise<readonly Changing[]> {
  const documents = await link.send({
    table,
    command: { name: "find", parts: { filter } },
    work: (collection, options) => collection.find(filter, options).toArray(),
    rows: ({ length }) => length,
  });
  return documents.map((before) => ({
    before,
    after: { ...before, ...change(before) },
  }));
}
