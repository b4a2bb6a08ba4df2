import type { Measurement } from "./measurement.ts";
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
  /** Returns the uncertainties of the position of a stored detection. */
  readonly errorsOf: (text: string, row: StoredDetection) => Errors;
  /** The numbers of non-detections, by text of the object. */
  readonly nonDetections: ReadonlyMap<string, number>;
}

/** The uncertainties of a position along both axes. */
export type Errors = Pick<Point, "raErr" | "decErr">;

/** Returns the contents of each object, by its text. */
export function contentsOf(
  {
    objects,
    stored,
    written,
    storedForced,
    writtenForced,
    errorsOf,
    nonDetections,
  }: ContentsSource,
): Map<string, ObjectContents> {
  const contents = new Map(
    [...objects].map(([text, { object }]): [string, ObjectContents] => [text, {
      key: object,
      detections: [],
      forced: 0,
      nonDetections: nonDetections.get(text) ?? 0,
    }]),
  );
  const replaced = new Set<string>();
  for (const measurement of written) {
    if (stored.has(measurement.text)) replaced.add(measurement.text);
    contents.get(measurement.objectText)?.detections.push(measurement);
  }
  for (const [text, row] of stored) {
    if (replaced.has(text)) continue;
    const point = { ...row, ...errorsOf(text, row) };
    contents.get(objectText(row))?.detections.push(point);
  }
  const countForced = (object: string): void => {
    const of = contents.get(object);
    if (of !== undefined) of.forced++;
  };
  for (const row of storedForced.values()) countForced(objectText(row));
  for (const { text, objectText } of writtenForced) {
    if (!storedForced.has(text)) countForced(objectText);
  }
  return contents;
}
