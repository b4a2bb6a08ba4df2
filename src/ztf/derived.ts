import type { Transaction } from "../connection/transaction.ts";
import type {
  AstroObjectRow,
  DetectionRow,
  Ps1_ztfRow,
} from "../models/mod.ts";
import { AstroObject, Detection, Ps1_ztf } from "../models/mod.ts";
import { meanPosition } from "./position.ts";

/** The fields of a detection that its object's are worked out of. */
type Seen = Pick<
  DetectionRow,
  "oid" | "candid" | "mjd" | "ra" | "dec" | "isdiffpos"
>;

/** The fields of an object that are worked out of its detections. */
type Derived = Pick<
  AstroObjectRow,
  | "oid"
  | "ndet"
  | "meanra"
  | "meandec"
  | "firstmjd"
  | "lastmjd"
  | "deltajd"
  | "diffpos"
>;

/** The three nearest Pan-STARRS1 sources of an alert: the identifier, and whether all alerts of the object agree. */
const SOURCES = [
  ["objectidps1", "unique1"],
  ["objectidps2", "unique2"],
  ["objectidps3", "unique3"],
] as const;

/**
 * Works out objects again from the stored detections, taken in the order of
 * their candid, so that the same detections give the same bits. The objects'
 * rows are locked by the caller.
 */
export async function deriveObjects(
  tx: Transaction,
  oids: readonly string[],
): Promise<void> {
  const detections = await tx.query(Detection).findAll({
    filterBy: { oid: oids },
    select: ["oid", "candid", "mjd", "ra", "dec", "isdiffpos"],
    orderBy: { oid: "asc", candid: "asc" },
  });
  const derived = [...Map.groupBy(detections, ({ oid }) => oid).values()]
    .map(derivedOf);
  await tx.query(AstroObject).bulkUpsert(derived);
}

/** Works out again whether all alerts of an object named the same Pan-STARRS1 sources. */
export async function deriveSources(
  tx: Transaction,
  oids: readonly string[],
): Promise<void> {
  const rows = await tx.query(Ps1_ztf).findAll({ filterBy: { oid: oids } });
  const changed = [...Map.groupBy(rows, ({ oid }) => oid).values()]
    .flatMap(withUniqueness);
  if (changed.length > 0) await tx.query(Ps1_ztf).bulkUpdate(changed);
}

function derivedOf(detections: readonly Seen[]): Derived {
  const [first] = detections;
  const dates = detections.map(({ mjd }) => mjd);
  const [firstmjd, lastmjd] = [least(dates), -least(dates.map((mjd) => -mjd))];
  const { ra, dec } = meanPosition(detections);
  return {
    oid: first?.oid ?? "",
    ndet: detections.length,
    meanra: ra,
    meandec: dec,
    firstmjd,
    lastmjd,
    deltajd: lastmjd - firstmjd,
    diffpos: detections.some(({ isdiffpos }) => isdiffpos > 0),
  };
}

function withUniqueness(rows: readonly Ps1_ztfRow[]): Partial<Ps1_ztfRow>[] {
  const unique = SOURCES.map(([identifier]) =>
    new Set(rows.map((row) => row[identifier])).size === 1
  );
  const [unique1 = true, unique2 = true, unique3 = true] = unique;
  const same = (row: Ps1_ztfRow): boolean =>
    SOURCES.every(([, flag], place) => row[flag] === unique[place]);
  return rows.filter((row) => !same(row)).map(({ oid, candid }) => ({
    oid,
    candid,
    unique1,
    unique2,
    unique3,
  }));
}

function least(values: readonly number[]): number {
  return values.reduce((left, right) => Math.min(left, right));
}
