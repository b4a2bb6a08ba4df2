import { fileError, type Place } from "./file_error.ts";

/**
 * Reads what stands after `dbp:requires`.
 *
 * @param example what the engine's files may require, as `pg>=14`
 * @throws {MigrationError} with exit code 4
 */
export function requirement(
  text: string,
  place: Place,
  example: string,
): string {
  const [product = ""] = /^\w+/.exec(example) ?? [];
  const [, named, version] = /^(\w+)(?:>=|<)(\d+(?:\.\d+)*)$/.exec(text) ?? [];
  if (named === product && version !== undefined) return text;
  throw fileError(
    place,
    `dbp:requires takes a version, as ${example}${
      text === "" ? "" : `, not "${text}"`
    }`,
    near(text.replaceAll(" ", ""), product),
  );
}

/**
 * Whether a server is what a file requires. One that is about another product
 * is not met.
 *
 * @param requirement as `pg>=14`
 * @param version as `15.4`
 */
export function meets(
  requirement: string,
  product: string,
  version: string,
): boolean {
  const [, wanted, operator, least = ""] =
    /^(\w+)(>=|<)([\d.]+)$/.exec(requirement) ?? [];
  if (wanted !== product) return false;
  const order = compareVersions(version, least);
  return operator === "<" ? order < 0 : order >= 0;
}

function compareVersions(one: string, other: string): number {
  const others = other.split(".").map(Number);
  const ones = one.split(".").map((part) => Number.parseInt(part, 10));
  for (const [place, part] of others.entries()) {
    const difference = (ones[place] ?? 0) - part;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The engine's own, where a word begins as its name does. */
function near(text: string, product: string): string | undefined {
  const [, named = "", operator, version] =
    /^([a-z]+)(=>|>=|==|=|>|<)v?(\d[\d.]*)$/i.exec(text) ?? [];
  if (
    version === undefined ||
    named.charAt(0).toLowerCase() !== product.charAt(0)
  ) return undefined;
  return `${product}${operator === "<" ? "<" : ">="}${version}`;
}
