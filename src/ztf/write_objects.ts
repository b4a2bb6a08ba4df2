import type { Transaction } from "../connection/transaction.ts";
import type { AstroObjectRow } from "../models/mod.ts";
import { AstroObject, Detection } from "../models/mod.ts";
import type { AlertRows } from "./alert_rows.ts";
import { DERIVED, derivedObjects } from "./derived.ts";

/** The fields of an object that its latest alert sets. The greatest values, compared in this order, mark the latest alert. */
export const HISTORY: readonly (keyof AstroObjectRow)[] = [
  "mjdendhist",
  "ncovhist",
  "ndethist",
  "mjdstarthist",
];

/** What became of the objects of a batch. */
export interface WrittenObjects {
  /** The number of new objects. */
  readonly inserted: number;
  /** Locks the objects that did not change, and returns those whose derived fields depend on detections that were stored before. */
  underived(): Promise<readonly string[]>;
}

/**
 * Returns the function that writes the objects of a batch, one row each. New
 * objects have the fields that are derived from the detections of the batch.
 */
export function objectWriter(
  { object, detection }: Pick<AlertRows, "object" | "detection">,
): (tx: Transaction) => Promise<WrittenObjects> {
  const derived = derivedObjects(detection);
  const objects = object.map((row) => ({ ...row, ...derived.get(row.oid) }));
  const oids = object.map(({ oid }) => oid);
  return async (tx) => {
    const { inserted, rows } = await tx.query(AstroObject).bulkUpsert(objects, {
      update: HISTORY,
      prefer: HISTORY,
      returning: DERIVED,
    });
    const written = new Map(rows.map((row) => [row.oid, row]));
    const isDerived = (oid: string): boolean =>
      DERIVED.every((name) =>
        Object.is(written.get(oid)?.[name], derived.get(oid)?.[name])
      );
    return {
      inserted,
      async underived() {
        await lockObjects(tx, oids.filter((oid) => !written.has(oid)));
        const stored = await withDetections(tx, oids.filter(isDerived));
        return oids.filter((oid) => stored.has(oid) || !isDerived(oid));
      },
    };
  };
}

/** Changes rows of objects. With snapshot isolation, transactions conflict only if they change the same row. */
async function lockObjects(
  tx: Transaction,
  oids: readonly string[],
): Promise<void> {
  if (oids.length === 0) return;
  await tx.query(AstroObject).updateAll({
    filterBy: { oid: oids },
    set: { deltajd: -1 },
  });
}

/** Returns which of some objects have stored detections. */
async function withDetections(
  tx: Transaction,
  oids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (oids.length === 0) return new Set();
  const stored = await tx.query(Detection).findAll({
    filterBy: { oid: oids },
    select: ["oid"],
  });
  return new Set(stored.map(({ oid }) => oid));
}
