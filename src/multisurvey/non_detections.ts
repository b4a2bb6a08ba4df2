import type { Write } from "../alerts/overlapped.ts";
import type { Transaction } from "../connection/transaction.ts";
import type { InsertOf, RowOf } from "../model/types.ts";
import { ZtfNonDetection } from "../models/multisurvey/mod.ts";
import { objectText } from "./object_key.ts";

/** The non-detections of objects after a batch. */
export interface NonDetections {
  /** How many each object has, by its text. */
  readonly nonDetections: ReadonlyMap<string, number>;
  /** The writes, which return how many are new. */
  readonly writes: readonly Write<number>[];
}

type Limit = InsertOf<typeof ZtfNonDetection>;
/** What decides between two limits of the same visit. */
type Depth = Pick<RowOf<typeof ZtfNonDetection>, "diffmaglim" | "band">;

/**
 * Returns the function that reads the stored non-detections of objects, and
 * chooses those of a batch that are not stored, or of which a lesser limit is
 * stored.
 */
export function nonDetectionReader(
  given: readonly Limit[],
): (tx: Transaction, oids: readonly bigint[]) => Promise<NonDetections> {
  const best = new Map<string, Limit>();
  for (const row of given) {
    const text = textOf(row);
    const known = best.get(text);
    if (known === undefined || isDeeper(row, known)) best.set(text, row);
  }
  return (tx, oids) => readNonDetections(tx, oids, best);
}

async function readNonDetections(
  tx: Transaction,
  oids: readonly bigint[],
  best: ReadonlyMap<string, Limit>,
): Promise<NonDetections> {
  const rows = tx.query(ZtfNonDetection);
  const stored = await rows.findAll({
    filterBy: { oid: oids },
    select: ["oid", "sid", "band", "mjd", "diffmaglim"],
  });
  const nonDetections = new Map<string, number>();
  const count = (row: Pick<Limit, "oid" | "sid">): void => {
    const object = objectText(row);
    nonDetections.set(object, (nonDetections.get(object) ?? 0) + 1);
  };
  const fresh = new Map(best);
  const better: Limit[] = [];
  for (const row of stored) {
    count(row);
    const text = textOf(row);
    const given = fresh.get(text);
    if (given !== undefined && isDeeper(given, row)) better.push(given);
    fresh.delete(text);
  }
  for (const row of fresh.values()) count(row);
  const insert: Write<number> = async () =>
    (await rows.bulkInsert(fresh.values())).inserted;
  const prefer = ["diffmaglim", "band"] as const;
  const upsert: Write<number> = async () =>
    (await rows.bulkUpsert(better, { prefer })).inserted;
  return {
    nonDetections,
    writes: better.length === 0 ? [insert] : [insert, upsert],
  };
}

/** Returns a text that is equal for limits with the same key. */
function textOf({ oid, mjd }: Pick<Limit, "oid" | "mjd">): string {
  return `${oid}:${mjd}`;
}

/** Whether a limit is deeper than another one; of equal limits, that of the greater band. Limits are compared as they are stored. */
function isDeeper(row: Depth, other: Depth): boolean {
  const [limit = 0, known = 0] = [row.diffmaglim, other.diffmaglim]
    .map(Math.fround);
  return limit === known ? row.band > other.band : limit > known;
}
