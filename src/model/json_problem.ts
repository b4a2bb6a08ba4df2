import { MAX_LEVELS } from "../base/max_levels.ts";
import { textProblem } from "./mismatch.ts";

/** Returns why `JSON.stringify` would not write a value exactly, or undefined if it does. JSON may contain bigints, for integers beyond 2^53. */
export function jsonProblem(value: unknown, level = 0): string | undefined {
  switch (typeof value) {
    case "string":
      return textProblem(value);
    case "number":
      return Number.isFinite(value) ? undefined : `contains ${value}`;
    case "boolean":
    case "bigint":
      return undefined;
    case "undefined":
      return "contains undefined, which JSON cannot represent";
    case "object":
      return value === null ? undefined : objectProblem(value, level);
    default:
      return `contains a ${typeof value}, which JSON cannot represent`;
  }
}

function objectProblem(value: object, level: number): string | undefined {
  if (level > MAX_LEVELS) {
    return `is nested deeper than ${MAX_LEVELS} levels, or contains itself`;
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    if (value instanceof Date && Number.isNaN(value.getTime())) {
      return "contains an invalid Date";
    }
    const json: unknown = value.toJSON();
    return typeof json === "object" && json !== null
      ? partsProblem(json, level)
      : jsonProblem(json);
  }
  return partsProblem(value, level);
}

function partsProblem(value: object, level: number): string | undefined {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const problem = jsonProblem(value[index], level + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  const opaque = opaqueName(value);
  if (opaque !== undefined) {
    return `contains an object of class ${opaque}, which JSON cannot represent${
      opaque === "Promise" ? "; await it" : ""
    }`;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const problem = textProblem(key) ?? jsonProblem(inner, level + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Returns the name of a class whose content is not in its properties, such as Map, of which JSON would be `{}`. */
function opaqueName(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return undefined;
  const [, name] = /^\[object (.*)\]$/.exec(
    Object.prototype.toString.call(value),
  ) ?? [];
  return name === "Object" ? undefined : name;
}
