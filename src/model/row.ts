import { printable } from "../base/errors/printable.ts";
import type { AnyModel } from "./types.ts";

/** The property of a row's prototype that returns its model. */
const MODEL: unique symbol = Symbol("model");

/** The methods that every row inherits. */
interface RowPrototype {
  readonly [MODEL]: () => AnyModel;
  toString(): string;
  toJSON(): Record<string, unknown>;
}

/** Creates the prototype of a model's rows: `String(row)` shows the key, `JSON.stringify(row)` writes 64-bit integers as decimal strings. */
export function rowPrototype(
  label: string,
  key: readonly string[],
  model: () => AnyModel,
): object {
  const prototype: RowPrototype = {
    [MODEL]: model,
    toString(this: Record<string, unknown>): string {
      const parts = key.filter((field) => field in this)
        .map((field) => `${field}=${valueText(this[field])}`);
      return `<${label}(${parts.join(", ")})>`;
    },
    toJSON(this: object): Record<string, unknown> {
      const copy: Record<string, unknown> = {};
      for (const [field, value] of Object.entries(this)) {
        copy[field] = exact(value);
      }
      return copy;
    },
  };
  for (const hidden of Reflect.ownKeys(prototype)) {
    Object.defineProperty(prototype, hidden, { enumerable: false });
  }
  return Object.freeze(prototype);
}

/** Returns the model of a row, or undefined for an object that no query returned. */
export function modelOf(row: object): AnyModel | undefined {
  return MODEL in row && typeof row[MODEL] === "function"
    ? row[MODEL]()
    : undefined;
}

/**
 * Returns JSON with exact 64-bit integers, as decimal strings. Use it for spread
 * copies of rows and for other values; for a row, `JSON.stringify` does the same.
 *
 * @param indent spaces per level, as in `JSON.stringify`
 * @example
 * ```ts
 * import { stringify } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 *
 * assert.equal(stringify({ candid: 516171791415015025n }), '{"candid":"516171791415015025"}');
 * ```
 */
export function stringify(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_key, inner) => exact(inner), indent);
}

/** Returns a value with every bigint as a decimal string, and bytes as base64. */
function exact(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return value.toBase64();
  if (Array.isArray(value)) return value.map(exact);
  if ("toJSON" in value) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, exact(inner)]),
  );
}

function valueText(value: unknown): string {
  if (typeof value === "string") {
    return `'${
      printable(value.replaceAll("\\", "\\\\").replaceAll("'", "\\'"))
    }'`;
  }
  if (value instanceof Uint8Array) return `0x${value.toHex()}`;
  return value instanceof Date ? value.toISOString() : String(value);
}
