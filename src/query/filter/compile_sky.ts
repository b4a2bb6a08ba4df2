import { QueryError } from "../../base/errors/mod.ts";
import { type Budget, spend, spendCondition } from "../../base/value_budget.ts";
import { canonical } from "../../model/canonical.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { rightAscensions } from "../../sky/box.ts";
import { polygonOf } from "../../sky/polygon.ts";
import type { Region } from "../../sky/region.ts";
import { all, type Condition } from "../statement/condition.ts";
import { type PositionFields, positionOf } from "../statement/position.ts";
import {
  checked,
  form,
  nearOf,
  partsOf,
  rangeOf,
  type SkyWord,
  wrong,
} from "./sky_values.ts";

/** The most corners of a polygon. */
const MAX_CORNERS = 1_000;

/**
 * Compiles a condition on the position of a row.
 *
 * @param budget what the filter may still contain
 * @throws {QueryError} if the model has no position, or the condition is malformed
 * @throws {ValidationError} if a coordinate or radius is out of range, or the corners do not form a convex polygon
 */
export function compileSky(
  model: AnyModel,
  word: SkyWord,
  value: unknown,
  budget: Budget,
): Condition {
  const position = positionOf(model);
  if (position === undefined) {
    throw new QueryError(
      `Cannot filter ${model.name}: ${word} requires a model with a position; define it with spatial: { ra: "…", dec: "…" }`,
      { model: model.name, field: word },
    );
  }
  spendCondition(budget);
  switch (word) {
    case "near":
      return inRegion(position, { kind: "cone", ...nearOf(model, value) });
    case "box":
      return compileBox(model, position, value, budget);
    case "polygon":
      return compilePolygon(model, position, value, budget);
  }
}

function compileBox(
  model: AnyModel,
  position: PositionFields,
  value: unknown,
  budget: Budget,
): Condition {
  const parts = partsOf(model, "box", value, ["ra", "dec"]);
  const ra = rangeOf(model, "ra", parts["ra"]);
  const dec = rangeOf(model, "dec", parts["dec"]);
  const [south, north] = dec;
  if (south > north) {
    throw wrong(
      model,
      "box.dec",
      dec,
      `must begin with the lesser declination, but ${south} is greater than ${north}`,
    );
  }
  const within: Condition[] = rightAscensions({ ra, dec })
    .map((range) => all(between(position.ra, range)));
  // A pole has every right ascension.
  for (const pole of [-90, 90]) {
    if (south !== pole && north !== pole) continue;
    within.push(all([
      ...between(position.dec, [pole, pole]),
      ...between(position.ra, [0, 360]),
    ]));
  }
  for (const _range of within) spendCondition(budget);
  return all([
    ...between(position.dec, dec),
    Object.freeze({ kind: "or", terms: within }),
  ]);
}

function compilePolygon(
  model: AnyModel,
  position: PositionFields,
  value: unknown,
  budget: Budget,
): Condition {
  if (!Array.isArray(value)) {
    throw form(
      model,
      "polygon",
      "must be an array of corners, like [[10, -5], [12, -5], [11, -3]]",
    );
  }
  if (value.length > MAX_CORNERS) {
    throw form(
      model,
      "polygon",
      `has ${value.length} corners; it may have ${MAX_CORNERS}`,
    );
  }
  const corners = value.map((corner: unknown, index) => {
    const name = `polygon[${index}]`;
    if (!Array.isArray(corner) || corner.length !== 2) {
      throw wrong(model, name, corner, "must be [ra, dec] in degrees");
    }
    spend(budget);
    return [
      checked(model, `${name}[0]`, "ra", corner[0]),
      checked(model, `${name}[1]`, "dec", corner[1]),
    ] as const;
  });
  const region = polygonOf(corners);
  if (typeof region === "string") throw wrong(model, "polygon", value, region);
  return inRegion(position, region);
}

function inRegion(position: PositionFields, region: Region): Condition {
  return Object.freeze({ kind: "sky", position, region });
}

function between(
  field: Field,
  [from, to]: readonly [from: number, to: number],
): readonly Condition[] {
  const value = (number: number): unknown => canonical(field.type, number);
  return [
    { kind: "compare", field, operator: "gte", value: value(from) },
    { kind: "compare", field, operator: "lte", value: value(to) },
  ];
}
