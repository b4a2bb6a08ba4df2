import { newRow } from "../../../query/write/values.ts";
import type { Field } from "../../../model/field.ts";
import type { AnyModel } from "../../../model/types.ts";
import { bindType } from "../../codec/column_type.ts";
import { writeText } from "../../codec/value_text.ts";
import { list, named, quoted } from "../../codec/quote.ts";
import { seedParts } from "../../schema/seed_parts.ts";

/** Rows that one INSERT of a look-up table has at most. */
const ROWS = 500;

/** Returns the value of a field as an SQL literal. */
export function literal(field: Field, value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  return literalText(bindType(field), writeText(field, value));
}

/** Returns a value in the text format of its type as an SQL literal: without quotes if it is a number or a boolean. */
export function literalText(type: string, text: string): string {
  const plain = /^(?:smallint|integer|bigint|numeric|real|double precision)/
      .test(type)
    ? /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i
    : type === "boolean"
    ? /^(?:true|false)$/
    : undefined;
  if (plain?.test(text)) return text;
  if (type === "boolean" && /^[tf]$/.test(text)) {
    return text === "t" ? "true" : "false";
  }
  return quoted(text);
}

/** Returns the statements that insert the missing rows of a look-up table, and advance its sequences. */
export function seedStatements(model: AnyModel): string[] {
  return seedParts(model).flatMap(({ rows, advance }) => [
    ...insertStatements(model, rows),
    ...advance,
  ]);
}

function insertStatements(
  model: AnyModel,
  seed: readonly object[],
): string[] {
  const rows = seed.map((row, index) => newRow(model, row, index));
  const groups = new Map<string, (typeof rows)[number][]>();
  for (const row of rows) {
    const columns = list([...row.keys()].map(({ column }) => column));
    const group = groups.get(columns) ?? [];
    groups.set(columns, group);
    group.push(row);
  }
  return [...groups].flatMap(([columns, group]) =>
    Array.from({ length: Math.ceil(group.length / ROWS) }, (_, part) => {
      const values = group.slice(part * ROWS, (part + 1) * ROWS).map((row) =>
        `  (${
          [...row].map(([field, value]) => literal(field, value)).join(", ")
        })`
      );
      const isOverriding = group.some((row) =>
        [...row.keys()].some(({ filled }) => filled === "identity always")
      );
      return `INSERT INTO ${named(model.table)} (${columns})${
        isOverriding ? " OVERRIDING SYSTEM VALUE" : ""
      } VALUES\n${values.join(",\n")}\nON CONFLICT DO NOTHING`;
    })
  );
}
