import { suggestionText } from "../base/errors/mod.ts";
import { unknownNames } from "../base/known_names.ts";

/** The values that an option, or a part of one, accepts. */
export interface Shape {
  /** The values, with an example: `an array of field names, like ["oid"]`. */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** The shape of every element of an array, or of every value of an object. */
  readonly each?: Shape | undefined;
  /** The allowed properties of an object; any if undefined. */
  readonly properties?: Readonly<Record<string, Shape>>;
  /** The required properties of an object. */
  readonly required?: readonly string[];
}

/** The shapes of all properties of a type: a new property does not compile until it has a shape. */
type ShapesOf<Options> = {
  readonly [Name in keyof Required<Options>]: Shape;
};

/**
 * Returns the first problem of a value, or undefined if it matches its shape.
 *
 * @param path where the value stands in the options: `indexes[0].fields`
 */
export function shapeProblem(
  path: string,
  value: unknown,
  { expected, accepts, each, properties, required = [] }: Shape,
): string | undefined {
  const subject = path === "" ? "the second argument" : path;
  if (!accepts(value)) {
    return `${subject} must be ${expected}; got ${valueText(value)}`;
  }
  if (Array.isArray(value)) {
    return firstProblem(
      value.map((item, index) => [`${path}[${index}]`, item, each]),
    );
  }
  if (!isRecord(value)) return undefined;
  const parts = Object.entries(value);
  if (properties === undefined) {
    return firstProblem(
      parts.map(([key, item]) => [propertyPath(path, key), item, each]),
    );
  }
  const known = Object.keys(properties);
  const [unknown] = unknownNames(value, new Set(known));
  if (unknown !== undefined) {
    return `${propertyPath(path, unknown.name)} is not an option${
      suggestionText(unknown.nearest) || `; the options are ${known.join(", ")}`
    }`;
  }
  const missing = required.find((key) => value[key] === undefined);
  if (missing !== undefined) {
    return `${subject} has no ${missing}; it must be ${expected}`;
  }
  return firstProblem(
    parts.filter(([, item]) => item !== undefined).map((
      [key, item],
    ) => [propertyPath(path, key), item, properties[key]]),
  );
}

function firstProblem(
  parts: readonly (readonly [string, unknown, Shape | undefined])[],
): string | undefined {
  for (const [path, item, shape] of parts) {
    const problem = shape && shapeProblem(path, item, shape);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** A value that passes a check. */
export function shape(expected: string, accepts: Shape["accepts"]): Shape {
  return { expected, accepts };
}

/** An array, of elements of one shape. */
export function array(expected: string, each: Shape): Shape {
  return { expected, accepts: (value) => Array.isArray(value), each };
}

/** An object with any keys, of values of one shape. */
export function record(expected: string, each?: Shape): Shape {
  return { expected, accepts: isRecord, each };
}

/** An object with known properties. */
export function object<Options>(
  expected: string,
  properties: ShapesOf<Options>,
  required: readonly (keyof Options & string)[] = [],
): Shape {
  return { expected, accepts: isRecord, properties, required };
}

/** One of several strings. */
export function oneOf(values: readonly string[]): Shape {
  return {
    expected: `one of ${values.map((value) => `"${value}"`).join(", ")}`,
    accepts: (value) => typeof value === "string" && values.includes(value),
  };
}

/** Whether a value is an object other than an array. */
export function isRecord(
  value: unknown,
): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function propertyPath(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** A short description of a value, for messages. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "function") return "a function";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
