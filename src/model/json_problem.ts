import { textProblem } from "./mismatch.ts";

/** Returns why a value is not JSON, or undefined if it is. JSON may contain bigints, for integers beyond 2^53. */
export function jsonProblem(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return textProblem(value);
    case "number":
      return Number.isFinite(value) ? undefined : `contains ${value}`;
    case "boolean":
    case "bigint":
      return undefined;
    case "object":
      return value === null ? undefined : jsonObjectProblem(value);
    default:
      return `contains a ${typeof value}, which JSON cannot represent`;
  }
}

function jsonObjectProblem(value: object): string | undefined {
  if ("toJSON" in value && typeof value.toJSON === "function") return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined && !Array.isArray(value)) continue;
    const problem = textProblem(key) ?? jsonProblem(inner);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
