import { fileError, type Place } from "./migration_place.ts";

const REQUIREMENT = /^(pg|mongodb)(>=|<)(\d+(?:\.\d+)*)$/;

/**
 * Reads what stands after `dbp:requires`.
 *
 * @throws {MigrationError} with exit code 4
 */
export function requirement(text: string, place: Place): string {
  const tight = text.replaceAll(" ", "");
  if (REQUIREMENT.test(text)) return text;
  throw fileError(
    place,
    `dbp:requires takes a version, as pg>=14 or mongodb>=7${
      text === "" ? "" : `, not "${text}"`
    }`,
    nearRequirement(tight),
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

function nearRequirement(text: string): string | undefined {
  const [, product = "", operator, version] =
    /^([a-z]+)(=>|>=|==|=|>|<)v?(\d[\d.]*)$/i.exec(text) ?? [];
  const known = /^p/i.test(product)
    ? "pg"
    : /^m/i.test(product)
    ? "mongodb"
    : undefined;
  if (known === undefined || version === undefined) return undefined;
  return `${known}${operator === "<" ? "<" : ">="}${version}`;
}
