import type { Document } from "mongodb";
import type { AnyModel } from "../../../model/types.ts";
import { idText } from "../../codec/id_text.ts";
import { documentsByKey } from "../../read/documents_by_key.ts";
import { comparesByBytes } from "./compares_by_bytes.ts";
import { type UniqueKey, uniqueKeyError, uniqueKeys } from "./unique_key.ts";
import type { WriteContext } from "./write_context.ts";

/** A change of a document. */
interface DocumentChange {
  /** The current document, with its `_id`. */
  readonly before: Document;
  /** The changed document. */
  readonly after: Document;
}

/**
 * Refuses changes that would duplicate a unique key of another document. If the
 * server found the duplicate, it would abort the transaction, or would already
 * have made some of the changes.
 *
 * @param columns the columns that the changes set
 * @param readChanges returns the changes; called only if the columns are part of a unique key
 * @throws {DuplicateKeyError} with the unique key
 */
export async function refuseDuplicates(
  context: WriteContext,
  model: AnyModel,
  columns: ReadonlySet<string>,
  readChanges: () => Promise<readonly DocumentChange[]>,
): Promise<void> {
  const keys = changedKeys(model, columns);
  if (keys.length === 0) return;
  const changes = await readChanges();
  const changedIds = new Set(changes.map(({ before }) => idText(before._id)));
  for (const key of keys) {
    const values = changes.map(({ after }) => key.valuesOf(after))
      .filter((values) =>
        !values.some((value) => value === null || value === undefined)
      );
    const identities = new Set(
      changes.flatMap(({ after }) => key.identityOf(after) ?? []),
    );
    if (identities.size < values.length) throw uniqueKeyError(model, key);
    const byBytes = await comparesByBytes(context, model, key.fields);
    for (const some of byBytes ? [values] : values.map((one) => [one])) {
      const existing = await documentsByKey(
        context.link,
        model,
        key.fields,
        some,
      );
      for (const { _id } of existing.values()) {
        if (!changedIds.has(idText(_id))) throw uniqueKeyError(model, key);
      }
    }
  }
}

/** The unique keys that contain one of these columns. */
export function changedKeys(
  model: AnyModel,
  columns: ReadonlySet<string>,
): readonly UniqueKey[] {
  return uniqueKeys(model).filter(({ fields }) =>
    fields.some(({ column }) => columns.has(column))
  );
}

/** Reads the documents that a filter matches, and applies a change to each in memory. */
export async function previewChanges(
  { link }: WriteContext,
  { table }: AnyModel,
  filter: Document,
  changesOf: (document: Document) => Document,
): Promise<readonly DocumentChange[]> {
  const documents = await link.send({
    table,
    command: { name: "find", parts: { filter } },
    work: (collection, options) => collection.find(filter, options).toArray(),
    rows: ({ length }) => length,
  });
  return documents.map((before) => ({
    before,
    after: { ...before, ...changesOf(before) },
  }));
}
