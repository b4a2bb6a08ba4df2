import { QueryError } from "../../base/errors/mod.ts";
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
  /** The greatest distance of the rows that the condition of the statement leaves, in arcseconds, if it is known. */
  readonly radius?: number | undefined;
}

/** Returns the fields of the position of a model's rows; undefined if the model has no `spatial`. */
export const positionOf: (model: AnyModel) => PositionFields | undefined =
  cachedByModel(({ spatial, byName }) => {
    const ra = byName.get(spatial?.ra ?? "");
    const dec = byName.get(spatial?.dec ?? "");
    return ra === undefined || dec === undefined ? undefined : { ra, dec };
  });

/**
 * Returns the fields of the position of a model's rows.
 *
 * @param action the beginning of the message: `order`
 * @throws {QueryError} with the field if the model has no position
 */
export function requiredPosition(
  model: AnyModel,
  action: string,
  field: string,
): PositionFields {
  const position = positionOf(model);
  if (position !== undefined) return position;
  throw new QueryError(
    `Cannot ${action} ${model.name}: it has no position; define it with spatial: { ra: "…", dec: "…" }`,
    { model: model.name, field },
  );
}

/** Returns the distance of a row from a position in arcseconds. */
export function distanceOf(
  { position, ra, dec }: Nearest,
  row: object,
): number {
  return angularDistance(
    coordinate(position.ra, row),
    coordinate(position.dec, row),
    ra,
    dec,
  );
}

/** Returns a coordinate of a row in degrees. */
function coordinate({ name, type }: Field, row: object): number {
  const value = Number(Reflect.get(row, name) ?? NaN);
  return type.kind === "float32" ? Math.fround(value) : value;
}
