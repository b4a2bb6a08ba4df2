import { type QueryError, ValidationError } from "../../base/errors/mod.ts";
import { isPlain } from "../../base/is_plain.ts";
import { unknownNames } from "../../base/known_names.ts";
import type { AnyModel } from "../../model/types.ts";
import { filterError } from "./target.ts";

/** The words of filters by position. */
export const SKY_WORDS = ["near", "box", "polygon"] as const;
/** A word of filters by position. */
export type SkyWord = (typeof SKY_WORDS)[number];

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

/** Returns the checked ends of a part of `box`. */
export function rangeOf(
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

/** Returns the parts of a condition, whose names are all known. */
export function partsOf(
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
export function checked(
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

export function wrong(
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

export function form(
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
