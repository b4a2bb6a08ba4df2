import { QueryError } from "../../base/errors/mod.ts";
import { isPlain } from "../../base/is_plain.ts";
import type { AnyModel } from "../../model/types.ts";
import { nearOf } from "../filter/sky_values.ts";
import {
  distanceOf,
  type Nearest,
  requiredPosition,
} from "../statement/position.ts";

/**
 * Compiles the order `"distance"`, which is the distance from the position of `near`.
 *
 * @returns undefined for any other order
 * @throws {QueryError} if the filter has no `near`
 */
export function nearestOf(
  model: AnyModel,
  { filterBy, orderBy }: {
    readonly filterBy?: unknown;
    readonly orderBy?: unknown;
  },
): Nearest | undefined {
  if (orderBy !== "distance") return undefined;
  const position = requiredPosition(model, "order", "orderBy");
  const near = isPlain(filterBy) ? filterBy["near"] : undefined;
  if (near === undefined) {
    throw new QueryError(
      `Cannot order ${model.name}: the order "distance" requires near in filterBy, outside of and, or, and not`,
      { model: model.name, field: "orderBy" },
    );
  }
  return Object.freeze({ position, ...nearOf(model, near) });
}

/** Returns the distances of rows in arcseconds. */
export function distancesOf(
  rows: readonly object[],
  nearest: Nearest,
): readonly number[] {
  return rows.map((row) => distanceOf(nearest, row));
}
