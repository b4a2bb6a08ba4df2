import type { Document, ObjectId } from "mongodb";
import type { AnyModel } from "../../../model/types.ts";
import { idText } from "../../codec/id_text.ts";
import type { MongoLink } from "../../link/link.ts";

/**
 * The documents that a nested transaction changed, as they were before, so that
 * it can fail alone. MongoDB has no savepoints.
 */
export interface UndoLog {
  /** Records the documents that a write is about to change or delete. */
  recordMatches(model: AnyModel, filter: Document): Promise<void>;
  /** Records the documents that a write is about to insert. */
  recordInserts(model: AnyModel, ids: readonly ObjectId[]): void;
  /** Restores all recorded documents. */
  restore(): Promise<void>;
  /** Adds all records to the log of the outer transaction, which may fail later. */
  mergeInto(outer: UndoLog): void;
  /** Adds the records of an inner log. The first record of a document stays. */
  add(table: string, records: Records): void;
}

/** Records by the {@link idText} of the document's `_id`. */
type Records = ReadonlyMap<string, DocumentRecord>;

interface DocumentRecord {
  readonly id: unknown;
  /** The previous document; undefined if it did not exist. */
  readonly document: Document | undefined;
}

/** Read options that keep the exact types of numbers. */
const EXACT_TYPES = { promoteValues: false, useBigInt64: false } as const;

/**
 * Creates an empty undo log for a transaction.
 *
 * @param mayBypassValidator whether documents that violate a collection's validator can be restored
 */
export function createUndoLog(
  link: MongoLink,
  mayBypassValidator: (table: string) => Promise<boolean>,
): UndoLog {
  const recordsByTable = new Map<string, Map<string, DocumentRecord>>();

  function record(table: string, document: DocumentRecord): void {
    const records = recordsByTable.get(table) ??
      new Map<string, DocumentRecord>();
    recordsByTable.set(table, records);
    const key = idText(document.id);
    if (!records.has(key)) records.set(key, document);
  }

  return {
    async recordMatches({ table }, filter) {
      const documents = await link.send({
        table,
        command: { name: "find", parts: { filter } },
        work: (collection, options) =>
          collection.find(filter, { ...options, ...EXACT_TYPES }).toArray(),
        rows: ({ length }) => length,
      });
      for (const document of documents) {
        record(table, { id: document._id, document });
      }
    },
    recordInserts({ table }, ids) {
      for (const id of ids) record(table, { id, document: undefined });
    },
    async restore() {
      for (const [table, records] of recordsByTable) {
        const all = [...records.values()];
        await link.send({
          table,
          command: { name: "delete", parts: { documents: all.length } },
          work: (collection, options) =>
            collection.deleteMany(
              { _id: { $in: all.map(({ id }) => id) } } as Document,
              options,
            ),
          rows: ({ deletedCount }) => deletedCount,
        });
        const documents = all.flatMap(({ document }) => document ?? []);
        if (documents.length === 0) continue;
        const bypassDocumentValidation = await mayBypassValidator(table);
        await link.send({
          table,
          command: { name: "insert", parts: { documents: documents.length } },
          work: (collection, options) =>
            collection.insertMany(documents, {
              ...options,
              ...(bypassDocumentValidation ? { bypassDocumentValidation } : {}),
            }),
          rows: ({ insertedCount }) => insertedCount,
        });
      }
    },
    mergeInto(outer) {
      for (const [table, records] of recordsByTable) outer.add(table, records);
    },
    add(table, records) {
      for (const document of records.values()) record(table, document);
    },
  };
}
