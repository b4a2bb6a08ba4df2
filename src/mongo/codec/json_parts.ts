import { membersOf } from "./json.ts";

/** The limits of a BSON long. */
const INT64_MIN = -9223372036854775808n;
const INT64_MAX = 9223372036854775807n;

/** A part of a value, with its path within the value: `.candid`, `[2].x`. */
export interface Part {
  readonly path: string;
  readonly value: unknown;
}

/** Returns the first part of a stored value that is not JSON; undefined if all of it is. */
export function findForeignPart(value: unknown): Part | undefined {
  return findPart(
    value,
    (part) =>
      part === undefined ||
      (typeof part === "number" && !Number.isFinite(part)) ||
      (typeof part === "object" && part !== null && !Array.isArray(part) &&
        membersOf(part) === undefined),
  );
}

/** Returns why documents cannot hold a JSON value: an integer beyond 64 bits. Returns undefined if they can. */
export function hugeIntegerProblem(value: unknown): string | undefined {
  const part = findPart(value, isHuge);
  return part === undefined
    ? undefined
    : `contains the integer ${part.value}${
      part.path === "" ? "" : ` at ${part.path}`
    }, and MongoDB has integers of 64 bits only: pass it as a string`;
}

/** Whether a value is a bigint that a BSON long cannot hold. */
export function isHuge(value: unknown): value is bigint {
  return typeof value === "bigint" &&
    (value < INT64_MIN || value > INT64_MAX);
}

function findPart(
  value: unknown,
  isWanted: (value: unknown) => boolean,
  path = "",
): Part | undefined {
  if (isWanted(value)) return { path, value };
  if (typeof value !== "object" || value === null) return undefined;
  const isArray = Array.isArray(value);
  for (const [name, inner] of membersOf(value) ?? []) {
    const found = findPart(
      inner,
      isWanted,
      isArray ? `${path}[${name}]` : path + memberPath(name),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function memberPath(name: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)
    ? `.${name}`
    : `[${JSON.stringify(name)}]`;
}
