import { fileError, type Position } from "./position.ts";

/**
 * Reads the text after `dbp:requires`.
 *
 * @param example a valid requirement of the engine: `pg>=14`
 * @throws {MigrationError} with exit code 4
 */
export function parseRequirement(
  text: string,
  position: Position,
  example: string,
): string {
  const [product = ""] = /^\w+/.exec(example) ?? [];
  const [, named, version] = /^(\w+)(?:>=|<)(\d+(?:\.\d+)*)$/.exec(text) ?? [];
  if (named === product && version !== undefined) return text;
  throw fileError(
    position,
    `dbp:requires takes a version such as ${example}${
      text === "" ? "" : `, not "${text}"`
    }`,
    near(text.replaceAll(" ", ""), product),
  );
}

/**
 * Returns whether a server meets a requirement. A requirement of another
 * product is not met.
 *
 * @param requirement for example `pg>=14`
 * @param version for example `15.4`
 */
export function meets(
  requirement: string,
  product: string,
  version: string,
): boolean {
  const [, requiredProduct, operator, least = ""] =
    /^(\w+)(>=|<)([\d.]+)$/.exec(requirement) ?? [];
  if (requiredProduct !== product) return false;
  const order = compareVersions(version, least);
  return operator === "<" ? order < 0 : order >= 0;
}

function compareVersions(one: string, other: string): number {
  const others = other.split(".").map(Number);
  const ones = one.split(".").map((part) => Number.parseInt(part, 10));
  for (const [index, part] of others.entries()) {
    const difference = (ones[index] ?? 0) - part;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Returns a requirement of the product if a text begins like its name. */
function near(text: string, product: string): string | undefined {
  const [, named = "", operator, version] =
    /^([a-z]+)(=>|>=|==|=|>|<)v?(\d[\d.]*)$/i.exec(text) ?? [];
  if (
    version === undefined ||
    named.charAt(0).toLowerCase() !== product.charAt(0)
  ) return undefined;
  return `${product}${operator === "<" ? "<" : ">="}${version}`;
}
