import { suggestionText } from "../base/errors/mod.ts";
import { unknownNames } from "../base/known_names.ts";

/** What an option, or a part of one, takes. */
export interface Shape {
  /** In words, with a right example. */
  readonly takes: string;
  readonly fits: (value: unknown) => boolean;
  /** Its elements. */
  readonly each?: Shape | undefined;
  /** What it may hold, by name. */
  readonly keys?: Readonly<Record<string, Shape>>;
  /** What it must hold. */
  readonly needs?: readonly string[];
}

/** What is wrong with a value, or with the first wrong part of it. */
export function problemOf(
  place: string,
  value: unknown,
  { takes, fits, each, keys, needs = [] }: Shape,
): string | undefined {
  const called = place === "" ? "the second argument" : place;
  if (!fits(value)) return `${called} takes ${takes}; it is ${inWords(value)}`;
  if (Array.isArray(value)) {
    return first(
      value.map((item, index) => [`${place}[${index}]`, item, each]),
    );
  }
  if (!isRecord(value)) return undefined;
  const parts = Object.entries(value);
  if (keys === undefined) {
    return first(
      parts.map(([key, item]) => [inside(place, key), item, each]),
    );
  }
  const known = Object.keys(keys);
  const [unknown] = unknownNames(value, new Set(known));
  if (unknown !== undefined) {
    return `${inside(place, unknown.name)} is not an option${
      suggestionText(unknown.nearest) || `; there are ${known.join(", ")}`
    }`;
  }
  const missing = needs.find((key) => value[key] === undefined);
  if (missing !== undefined) {
    return `${called} lacks ${missing}; it takes ${takes}`;
  }
  return first(
    parts.filter(([, item]) => item !== undefined).map((
      [key, item],
    ) => [inside(place, key), item, keys[key]]),
  );
}

function first(
  parts: readonly (readonly [string, unknown, Shape | undefined])[],
): string | undefined {
  for (const [place, item, shape] of parts) {
    const problem = shape && problemOf(place, item, shape);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What fits, in words. */
export function shape(takes: string, fits: Shape["fits"]): Shape {
  return { takes, fits };
}

/** A list of whatever. */
export function list(takes: string): Shape {
  return { takes, fits: (value) => Array.isArray(value) };
}

/**
 * An object.
 *
 * @param keys what it may hold; anything where undefined
 * @param needs what it must hold
 */
export function record(
  takes: string,
  keys?: Readonly<Record<string, Shape>>,
  needs: readonly string[] = [],
): Shape {
  return {
    takes,
    fits: isRecord,
    needs,
    ...keys === undefined ? {} : { keys },
  };
}

/** One of some words. */
export function oneOf(values: readonly string[]): Shape {
  return {
    takes: `one of ${values.map((value) => `"${value}"`).join(", ")}`,
    fits: (value) => typeof value === "string" && values.includes(value),
  };
}

/** Whether a value is an object with keys. */
export function isRecord(
  value: unknown,
): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function inside(place: string, key: string): string {
  return place === "" ? key : `${place}.${key}`;
}

/** What a value is, for who gave it. */
export function inWords(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "function") return "a function";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
