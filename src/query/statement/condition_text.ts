import { microsecondsOf } from "../../model/exact_date.ts";
import type { Field } from "../../model/field.ts";
import type { Condition } from "./condition.ts";

/** Returns a text that is equal for two conditions if they have the same terms and values, in any order. */
export function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case "all":
    case "none":
      return condition.kind;
    case "and":
    case "or":
      return textOf(condition.kind, condition.terms.map(conditionText).sort());
    case "not":
      return textOf("not", [conditionText(condition.term)]);
    case "compare": {
      const { field, operator, value } = condition;
      return textOf(operator, [nameText(field), valueText(value)]);
    }
    case "in": {
      const { field, values } = condition;
      return textOf("in", [nameText(field), ...values.map(valueText).sort()]);
    }
    case "null":
      return textOf("null", [nameText(condition.field)]);
    case "like": {
      const { field, pattern, ignoresCase = false } = condition;
      return textOf("like", [
        nameText(field),
        valueText(pattern),
        valueText(ignoresCase),
      ]);
    }
    case "contains":
    case "containsAny": {
      const { kind, field, values } = condition;
      return textOf(kind, [nameText(field), ...values.map(valueText).sort()]);
    }
    case "path": {
      const { field, path, operator, value } = condition;
      return textOf(`path ${operator}`, [
        nameText(field),
        valueText(path),
        valueText(value),
      ]);
    }
    case "keys": {
      const { fields, keys } = condition;
      return textOf("keys", [namesText(fields), ...keys.map(valueText).sort()]);
    }
    case "sky": {
      const { position: { ra, dec }, region } = condition;
      return textOf("sky", [namesText([ra, dec]), valueText(region)]);
    }
    case "related": {
      const { target, local, foreign, where } = condition;
      return textOf("related", [
        nameText(target),
        namesText(local),
        namesText(foreign),
        conditionText(where),
      ]);
    }
  }
}

function textOf(kind: string, parts: readonly string[]): string {
  return `(${[kind, ...parts].join(" ")})`;
}

function nameText({ name }: { readonly name: string }): string {
  return JSON.stringify(name);
}

function namesText(fields: readonly Field[]): string {
  return fields.map(nameText).join();
}

/** Returns a text that is equal for two values exactly if they are the same value; the order of keys does not count. */
function valueText(value: unknown): string {
  switch (typeof value) {
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return `${value}n`;
    case "object":
      break;
    default:
      return JSON.stringify(value) ?? "undefined";
  }
  if (value === null) return "null";
  if (value instanceof Date) {
    return `date ${value.getTime()}.${microsecondsOf(value) ?? ""}`;
  }
  if (value instanceof Uint8Array) return `bytes ${value.toBase64()}`;
  if (Array.isArray(value)) return `[${value.map(valueText).join()}]`;
  return `{${
    Object.entries(value).map(([key, inner]) =>
      `${JSON.stringify(key)}:${valueText(inner)}`
    ).sort().join()
  }}`;
}
