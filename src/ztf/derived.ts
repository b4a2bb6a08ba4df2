import type { Transaction } from "../connection/transaction.ts";
import type {
  AstroObjectRow,
  DetectionRow,
  Ps1_ztfRow,
} from "../models/mod.ts";
import { AstroObject, Detection, Ps1_ztf } from "../models/mod.ts";
import { meanPosition } from "./mean_position.ts";

/** The fields of a detection from which the fields of its object are derived. */
type Measured = Pick<DetectionRow, typeof MEASURED[number]>;

const MEASURED = ["oid", "candid", "mjd", "ra", "dec", "isdiffpos"] as const;

/** The key of an object, and its fields that are derived from its detections. */
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

/** The names of these fields. */
export const DERIVED: readonly (keyof Derived)[] = [
  "oid",
  "ndet",
  "meanra",
  "meandec",
  "firstmjd",
  "lastmjd",
  "deltajd",
  "diffpos",
];

/** The fields of an alert's Pan-STARRS1 sources from which their uniqueness is derived. */
type Sourced = Pick<
  Ps1_ztfRow,
  "oid" | "candid" | typeof SOURCES[number][number]
>;

/** The three nearest Pan-STARRS1 sources of an alert: the field of the identifier, and of whether all alerts of the object agree. */
const SOURCES = [
  ["objectidps1", "unique1"],
  ["objectidps2", "unique2"],
  ["objectidps3", "unique3"],
] as const;

/** Derives objects from their stored detections. The caller locks the rows of the objects. */
export async function deriveObjects(
  tx: Transaction,
  oids: readonly string[],
): Promise<void> {
  if (oids.length === 0) return;
  const detections = await tx.query(Detection).findAll({
    filterBy: { oid: oids },
    select: MEASURED,
  });
  const derived = derivedObjects(detections);
  await tx.query(AstroObject).bulkUpsert([...derived.values()]);
}

/** Returns the derived fields of the objects of some detections, by their oid. */
export function derivedObjects(
  detections: readonly Measured[],
): ReadonlyMap<string, Derived> {
  const byObject = Map.groupBy(detections, ({ oid }) => oid);
  return new Map(
    [...byObject].map(([oid, of]) => [
      oid,
      derivedFields(of.toSorted(byCandid)),
    ]),
  );
}

/** Compares detections by their candid: equal detections give equal bits in the same order only. */
function byCandid({ candid: one }: Measured, { candid: other }: Measured) {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Derives whether all alerts of an object have the same Pan-STARRS1 sources. */
export async function deriveSources(
  tx: Transaction,
  oids: readonly string[],
): Promise<void> {
  const rows = await tx.query(Ps1_ztf).findAll({
    filterBy: { oid: oids },
    select: ["oid", "candid", ...SOURCES.flat()],
  });
  const changed = [...Map.groupBy(rows, ({ oid }) => oid).values()]
    .flatMap(changedUniqueness);
  if (changed.length > 0) await tx.query(Ps1_ztf).bulkUpdate(changed);
}

function derivedFields(detections: readonly Measured[]): Derived {
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

function changedUniqueness(rows: readonly Sourced[]): Partial<Ps1_ztfRow>[] {
  const unique = SOURCES.map(([identifier]) =>
    new Set(rows.map((row) => row[identifier])).size === 1
  );
  const [unique1 = true, unique2 = true, unique3 = true] = unique;
  const isUpToDate = (row: Sourced): boolean =>
    SOURCES.every(([, flag], index) => row[flag] === unique[index]);
  return rows.filter((row) => !isUpToDate(row)).map(({ oid, candid }) => ({
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
