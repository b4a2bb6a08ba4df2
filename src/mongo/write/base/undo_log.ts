import type { Document, ObjectId } from "mongodb";
import type { AnyModel } from "../../../model/types.ts";
import { idText } from "../../codec/id_text.ts";
import type { MongoLink } from "../../link/link.ts";

/**
 * What a transaction inside another must put back to fail alone. MongoDB has
 * no savepoints, so the documents that its writes touch are remembered as they
 * were.
 */
export interface Undo {
  /** Remembers the documents that a write is about to touch. */
  before(model: AnyModel, filter: Document): Promise<void>;
  /** Remembers documents that a write is about to make. */
  making(model: AnyModel, ids: readonly ObjectId[]): void;
  /** Puts everything back. */
  restore(): Promise<void>;
  /** Hands everything over to the transaction around this one, which may fail later. */
  handOver(outer: Undo): void;
  /** Takes what another remembered, where it is not known already. */
  take(table: string, documents: Remembered): void;
}

/** Documents as they were, by {@link idText} of their `_id`; undefined where there was none. */
type Remembered = ReadonlyMap<string, Was>;

interface Was {
  readonly id: unknown;
  readonly document: Document | undefined;
}

/** Documents keep the exact types of their numbers. */
const EXACT = { promoteValues: false, useBigInt64: false } as const;

/**
 * An empty memory for a transaction on a link.
 *
 * @param mayBypass whether documents may be put back that break their collection's rules
 */
export function createUndo(
  link: MongoLink,
  mayBypass: (table: string) => Promise<boolean>,
): Undo {
  const tables = new Map<string, Map<string, Was>>();

  function remember(table: string, was: Was): void {
    const known = tables.get(table) ?? new Map<string, Was>();
    tables.set(table, known);
    const key = idText(was.id);
    if (!known.has(key)) known.set(key, was);
  }

  return {
    async before({ table }, filter) {
      const documents = await link.send({
        table,
        command: { name: "find", parts: { filter } },
        work: (collection, options) =>
          collection.find(filter, { ...options, ...EXACT }).toArray(),
        rows: ({ length }) => length,
      });
      for (const document of documents) {
        remember(table, { id: document._id, document });
      }
    },
    making({ table }, ids) {
      for (const id of ids) remember(table, { id, document: undefined });
    },
    async restore() {
      for (const [table, documents] of tables) {
        const all = [...documents.values()];
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
        const were = all.flatMap(({ document }) => document ?? []);
        if (were.length === 0) continue;
        const bypassDocumentValidation = await mayBypass(table);
        await link.send({
          table,
          command: { name: "insert", parts: { documents: were.length } },
          work: (collection, options) =>
            collection.insertMany(were, {
              ...options,
              ...(bypassDocumentValidation ? { bypassDocumentValidation } : {}),
            }),
          rows: ({ insertedCount }) => insertedCount,
        });
      }
    },
    handOver(outer) {
      for (const [table, documents] of tables) outer.take(table, documents);
    },
    take(table, documents) {
      for (const was of documents.values()) remember(table, was);
    },
  };
}
