import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import type { Condition, JsonPath } from "../../query/statement/condition.ts";
import { encodeJson } from "../codec/json.ts";
import { isHuge } from "../codec/json_parts.ts";
import { jsonEquality } from "./json_equality.ts";

/** Compiles a comparison with the value at a path. */
export function pathFilter(
  { column }: Field,
  { path, operator, value }: Extract<Condition, { kind: "path" }>,
): Document {
  const test = value === null
    ? { $lte: ["$$found", null] }
    : operator === "eq"
    ? jsonEquality("$$found", value)
    : {
      $and: [
        typeof value === "string"
          ? { $eq: [{ $type: "$$found" }, "string"] }
          : { $isNumber: "$$found" },
        { [`$${operator}`]: ["$$found", { $literal: encodeJson(value) }] },
      ],
    };
  const exact = {
    $expr: {
      $let: {
        vars: { found: { $ifNull: [valueAt(`$${column}`, path), null] } },
        in: test,
      },
    },
  };
  if (!isScalar(value) || !path.every(isPlainKey)) return exact;
  // Redundant, but an index on the path applies.
  const wider = {
    [[column, ...path].join(".")]: { [`$${operator}`]: encodeJson(value) },
  };
  return { $and: [wider, exact] };
}

/** Returns the value at a path; nothing if a key is not in an object, or an index not in an array. */
function valueAt(root: string, path: JsonPath): unknown {
  return path.reduce<unknown>((input, step) => ({
    $let: {
      vars: { inner: input },
      in: typeof step === "number"
        ? {
          $cond: [
            { $isArray: "$$inner" },
            { $arrayElemAt: ["$$inner", step] },
            null,
          ],
        }
        : {
          $cond: [
            { $eq: [{ $type: "$$inner" }, "object"] },
            { $getField: { field: { $literal: step }, input: "$$inner" } },
            null,
          ],
        },
    },
  }), root);
}

function isScalar(value: unknown): boolean {
  return (typeof value === "string" || typeof value === "number" ||
    typeof value === "boolean" || typeof value === "bigint") &&
    !isHuge(value);
}

/** Whether a key means itself in a dotted path. */
function isPlainKey(step: string | number): boolean {
  return typeof step === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(step);
}
