import type { ConfigProblem } from "./errors/mod.ts";
import { nearest } from "./nearest.ts";

/** The value of a setting, or why it is wrong. */
export type Read<Value> =
  | { readonly value: Value }
  | Pick<ConfigProblem, "problem" | "nearest">;

/** Reads a setting. It needs no zod, which takes longer to create than a connection to check. */
export type SettingType<Value> = (value: unknown) => Read<Value>;

/** The values of settings, by their types. */
export type ValuesOf<Types extends Readonly<Record<string, unknown>>> = {
  [Key in keyof Types]?: Types[Key] extends SettingType<infer Value> ? Value
    : never;
};

/**
 * Returns the valid settings. An invalid value does not hide the problems of the others.
 *
 * @param problems receives the problems of the keys
 */
export function validValues<
  Types extends Readonly<Record<string, SettingType<unknown>>>,
>(
  types: Types,
  given: Readonly<Record<string, unknown>>,
  problems: ConfigProblem[],
): ValuesOf<Types> {
  const values: Record<string, unknown> = {};
  for (const [key, read] of Object.entries(types)) {
    if (!Object.hasOwn(given, key)) continue;
    const result = read(given[key]);
    if ("problem" in result) problems.push({ key, ...result });
    else values[key] = result.value;
  }
  const untyped: unknown = values;
  return untyped as ValuesOf<Types>;
}

/** A text, which may be empty. */
export function anyText(value: unknown): Read<string> {
  return typeof value === "string"
    ? { value }
    : { problem: "must be a string" };
}

/**
 * A text that is not empty.
 * @param problemOf returns why a text is wrong, or undefined
 */
export function text(
  problemOf: (text: string) => string | undefined = () => undefined,
): SettingType<string> {
  return (value) => {
    if (typeof value !== "string") return { problem: "must be a string" };
    if (value === "") return { problem: "must not be empty" };
    const problem = problemOf(value);
    return problem === undefined ? { value } : { problem };
  };
}

/** One of some names. */
export function oneOf<Name extends string>(
  ...names: readonly Name[]
): SettingType<Name> {
  return (value) => {
    const found = names.find((name) => name === value);
    if (found !== undefined) return { value: found };
    return {
      problem: `must be ${names.join(" or ")}`,
      nearest: typeof value === "string" ? nearest(value, names) : undefined,
    };
  };
}

/** True or false. */
export function boolean(value: unknown): Read<boolean> {
  return typeof value === "boolean"
    ? { value }
    : { problem: "must be true or false" };
}

/** An array. */
export function array(value: unknown): Read<readonly unknown[]> {
  return Array.isArray(value) ? { value } : { problem: "must be an array" };
}

/** A whole number, or its text, as environment variables have it. */
export function wholeNumber(min: number, max: number): SettingType<number> {
  return (given) => {
    const value = typeof given === "string" && /^\d+$/.test(given)
      ? Number(given)
      : given;
    return typeof value === "number" && Number.isSafeInteger(value) &&
        value >= min && value <= max
      ? { value }
      : { problem: `must be a whole number from ${min} to ${max}` };
  };
}
