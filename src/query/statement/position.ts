import { cachedByModel } from "../../model/cached_by_model.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { angularDistance } from "../../sky/distance.ts";

/** The fields of a model's position on the sky. */
export interface PositionFields {
  /** The right ascension in degrees. */
  readonly ra: Field;
  /** The declination in degrees. */
  readonly dec: Field;
}

/** An order by the distance from a position, the nearest rows first. */
export interface Nearest {
  /** The fields of the rows' position. The statement reads them. */
  readonly position: PositionFields;
  /** Right ascension of the position in degrees. */
  readonly ra: number;
  /** Declination of the position in degrees. */
  readonly dec: number;
}

/** Returns the fields of the position of a model's rows; undefined if the model has no `spatial`. */
export const positionOf: (model: AnyModel) => PositionFields | undefined =
  cachedByModel(({ spatial, byName }) => {
    const ra = byName.get(spatial?.ra ?? "");
    const dec = byName.get(spatial?.dec ?? "");
    return ra === undefined || dec === undefined ? undefined : { ra, dec };
  });

/** Returns the distance of a row from a position in arcseconds. */
export function distanceOf(
  { position, ra, dec }: Nearest,
  row: object,
): number {
  return angularDistance(...coordinatesOf(position, row), ra, dec);
}

/** Returns the coordinates of a row in degrees. */
function coordinatesOf(
  { ra, dec }: PositionFields,
  row: object,
): readonly [ra: number, dec: number] {
  return [coordinate(ra, row), coordinate(dec, row)];
}

function coordinate({ name, type }: Field, row: object): number {
  const value = Number(Reflect.get(row, name) ?? NaN);
  return type.kind === "float32" ? Math.fround(value) : value;
}
