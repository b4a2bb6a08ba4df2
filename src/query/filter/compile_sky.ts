import { QueryError, ValidationError } from "../../base/errors/mod.ts";
import { isPlain } from "../../base/is_plain.ts";
import { unknownNames } from "../../base/known_names.ts";
import { type Budget, spend, spendCondition } from "../../base/value_budget.ts";
import { canonical } from "../../model/canonical.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { rightAscensions } from "../../sky/box.ts";
import { polygonOf } from "../../sky/polygon.ts";
import type { Region } from "../../sky/region.ts";
import { all, type Condition } from "../statement/condition.ts";
import { type PositionFields, positionOf } from "../statement/position.ts";
import { filterError } from "./target.ts";

/** The most corners of a polygon. */
const MAX_CORNERS = 1_000;
/** The words of filters by position. */
export const SKY_WORDS = ["near", "box", "polygon"] as const;
type SkyWord = (typeof SKY_WORDS)[number];

/** The ranges of coordinates in degrees, and of radii in arcseconds. */
const RANGES = {
  ra: [0, 360, "degrees"],
  dec: [-90, 90, "degrees"],
  radius: [0, 648_000, "arcseconds"],
} as const;
type Part = keyof typeof RANGES;

/** Whether a name in a filter is a condition on the position. */
export function isSkyWord(name: string): name is SkyWord {
  return SKY_WORDS.some((word) => word === name);
}

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

/** Returns the checked value of `near`. */
export function nearOf(
  model: AnyModel,
  value: unknown,
): { readonly ra: number; readonly dec: number; readonly radius: number } {
  const near = partsOf(model, "near", value, ["ra", "dec", "radius"]);
  return {
    ra: checked(model, "near.ra", "ra", near["ra"]),
    dec: checked(model, "near.dec", "dec", near["dec"]),
    radius: checked(model, "near.radius", "radius", near["radius"]),
  };
}

/**
 * Returns the checked position and radius of a target of a cross-match.
 *
 * @param radius the radius of a target without one
 * @throws {ValidationError} with the index of the target and the part
 */
export function targetOf(
  model: AnyModel,
  target: unknown,
  radius: unknown,
  index: number,
): { readonly ra: number; readonly dec: number; readonly radius: number } {
  const part = (part: Part, value: unknown): number =>
    withinRange(part, value, (reason) =>
      new ValidationError(
        model.name,
        [{ index, field: part, value, reason }],
        { action: "crossmatch", noun: "target", outcome: "" },
      ));
  const values: object = Object(target);
  return {
    ra: part("ra", Reflect.get(values, "ra")),
    dec: part("dec", Reflect.get(values, "dec")),
    radius: part("radius", Reflect.get(values, "radius") ?? radius),
  };
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

/** Returns the checked ends of a part of `box`. */
function rangeOf(
  model: AnyModel,
  part: "ra" | "dec",
  range: unknown,
): readonly [from: number, to: number] {
  const name = `box.${part}`;
  if (!Array.isArray(range) || range.length !== 2) {
    throw wrong(model, name, range, "must be two numbers, like [10, 20]");
  }
  return [
    checked(model, `${name}[0]`, part, range[0]),
    checked(model, `${name}[1]`, part, range[1]),
  ];
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

/** Returns the parts of a condition, whose names are all known. */
function partsOf(
  model: AnyModel,
  word: SkyWord,
  value: unknown,
  names: readonly Part[],
): Readonly<Record<string, unknown>> {
  if (!isPlain(value)) {
    throw form(
      model,
      word,
      word === "near"
        ? "must be an object like { ra: 150.1, dec: 2.2, radius: 1.5 }"
        : "must be an object like { ra: [10, 20], dec: [-5, 5] }",
    );
  }
  const [unknown] = unknownNames(value, new Set(names));
  if (unknown !== undefined) {
    throw form(
      model,
      word,
      `has no "${unknown.name}"; its parts are ${names.join(", ")}`,
      unknown.nearest,
    );
  }
  return value;
}

/** Returns a number within the range of its part. */
function checked(
  model: AnyModel,
  name: string,
  part: Part,
  value: unknown,
): number {
  return withinRange(
    part,
    value,
    (reason) => wrong(model, name, value, reason),
  );
}

/**
 * Returns a number within the range of its part.
 *
 * @throws the error of `refuse` for any other value
 */
function withinRange(
  part: Part,
  value: unknown,
  refuse: (reason: string) => Error,
): number {
  const [least, greatest, unit] = RANGES[part];
  if (typeof value !== "number") throw refuse(`must be a number in ${unit}`);
  if (value >= least && value <= greatest) return value;
  throw refuse(`is ${value}, outside ${least} to ${greatest} ${unit}`);
}

function wrong(
  model: AnyModel,
  field: string,
  value: unknown,
  reason: string,
): ValidationError {
  return new ValidationError(
    model.name,
    [{ index: 0, field, value, reason }],
    { action: "filter", isOneRow: true, outcome: "" },
  );
}

function form(
  model: AnyModel,
  word: SkyWord,
  problem: string,
  nearest?: string,
): QueryError {
  return filterError(
    { model, field: { name: word } },
    `${word} ${problem}`,
    nearest,
  );
}
