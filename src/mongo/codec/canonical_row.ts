import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { canonicalCheck } from "./canonical_value.ts";

/** The JavaScript that tells whether `v` is in the one form that documents hold; the kinds that are not here are looked at by a function. */
const CHECKS: Readonly<Record<string, string>> = {
  int32: 'typeof v === "number" && (v | 0) === v && (v !== 0 || 1 / v > 0)',
  int64:
    'typeof v === "bigint" && v >= -9223372036854775808n && v <= 9223372036854775807n',
  float32: "Number.isFinite(v) && Math.fround(v) === v",
  float64: "Number.isFinite(v)",
  boolean: 'typeof v === "boolean"',
  string: 'typeof v === "string" && v.isWellFormed() && !v.includes("\\0")',
};

/**
 * Whether a row can be sent as it is: each field given, in its one form, and
 * nothing else. It is written as JavaScript with the names in it, which takes
 * a third of the time of a loop over fields; what it turns down may still be
 * right. Undefined where no row can be.
 */
export function readyCheck(
  model: AnyModel,
): ((row: object) => boolean) | undefined {
  const { fields } = model;
  if (fields.some(needsMore)) return undefined;
  const takes = fields.map(({ type }) => canonicalCheck(type));
  const lines = fields.map(({ name, type, nullable }, place) => {
    const check = CHECKS[type.kind] ?? `takes[${place}](v)`;
    const whole = nullable ? `v === null || (${check})` : check;
    return `v = r[${JSON.stringify(name)}]; if (!(${whole})) return false;`;
  });
  // Nothing but names, as JSON, and numbers goes into the text.
  const make = new Function(
    "takes",
    `return function ready(r) { let v; ${
      lines.join(" ")
    } return Object.keys(r).length === ${fields.length}; };`,
  );
  return make(takes);
}

/** Whether a field has another name in documents, rules beyond its type, or the name of something that every object has. */
function needsMore({ name, column, refine }: Field): boolean {
  return name !== column || refine !== undefined || name in Object.prototype;
}
