import { type Measurement, textOf } from "./measurement.ts";
import { objectText } from "./object_key.ts";
import type { ObjectContents, Point } from "./objects.ts";
import type { StoredDetection, StoredKey } from "./stored.ts";

/** The rows from which objects are derived: those before a batch, and those that it wrote. */
export interface ContentsSource {
  /** A measurement of each object, by text of the object. */
  readonly objects: ReadonlyMap<string, Measurement>;
  readonly stored: ReadonlyMap<string, StoredDetection>;
  readonly written: readonly Measurement[];
  readonly storedForced: ReadonlyMap<string, StoredKey>;
  readonly writtenForced: readonly Measurement[];
  /** Returns the uncertainties of a position. */
  readonly errorsOf: (text: string, position: Positioned) => Errors;
}

/** The uncertainties of a position along both axes. */
export type Errors = Pick<Point, "raErr" | "decErr">;

/** A position and its band. */
export type Positioned = Pick<StoredDetection, "ra" | "dec" | "band">;

/** Returns the contents of each object, by its text. */
export function contentsOf(
  { objects, stored, written, storedForced, writtenForced, errorsOf }:
    ContentsSource,
): Map<string, ObjectContents> {
  const contents = new Map(
    [...objects].map(([text, { object }]): [string, ObjectContents] => [text, {
      key: object,
      detections: [],
      forced: 0,
      nonDetections: 0,
    }]),
  );
  const add = (
    text: string,
    object: string,
    row: Omit<StoredDetection, "oid" | "sid">,
  ): void => {
    const { measurement_id, mjd, ra, dec } = row;
    const point = { measurement_id, mjd, ra, dec, ...errorsOf(text, row) };
    contents.get(object)?.detections.push(point);
  };
  const replaced = new Set<string>();
  for (const measurement of written) {
    const text = textOf(measurement);
    replaced.add(text);
    add(text, objectText(measurement.object), measurement);
  }
  for (const [text, row] of stored) {
    if (!replaced.has(text)) add(text, objectText(row), row);
  }
  const forced = new Map<string, string>();
  for (const [text, row] of storedForced) forced.set(text, objectText(row));
  for (const one of writtenForced) {
    forced.set(textOf(one), objectText(one.object));
  }
  for (const object of forced.values()) {
    const of = contents.get(object);
    if (of !== undefined) of.forced++;
  }
  return contents;
}
