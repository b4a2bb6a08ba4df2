import type { Buffer } from "node:buffer";
import { SchemaError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Column } from "../link/link.ts";
import { utf8Reader } from "./wire/scalars.ts";
import { textReaderOf } from "./wire/types.ts";
import { UnreadableValue, type ValueReader } from "./wire/value_reader.ts";

/** How the fields of a model are read from the columns of a result. */
export interface FieldPlan {
  readonly field: Field;
  readonly column: Column;
  readonly read: ValueReader;
}

/**
 * Reads a row again, column by column, to name the field that cannot be read and
 * the key of its row.
 *
 * @param error thrown when the row was read
 */
export function unreadableRow(
  model: AnyModel,
  plans: readonly FieldPlan[],
  error: unknown,
  bytes: Buffer,
  view: DataView,
  at: number,
): SchemaError {
  const key: string[] = [];
  let found:
    | {
      readonly field: Field;
      readonly reason: string;
      readonly advice: string;
    }
    | undefined;
  for (const { field, column, read } of plans) {
    const length = view.getInt32(at);
    at += 4;
    if (length < 0) continue;
    const value = [bytes, view, at, length] as const;
    try {
      read(...value);
    } catch (error) {
      found ??= { field, reason: reasonOf(error), advice: adviceOf(error) };
    }
    if (model.primaryKey.includes(field.name)) {
      key.push(`${field.name} ${textOf(column, value)}`);
    }
    at += length;
  }
  const { name, column } = found?.field ?? { name: "a field", column: "" };
  const reason = found?.reason ?? reasonOf(error);
  return new SchemaError(
    `Cannot read ${model.name}${
      key.length === 0 ? "" : ` with ${key.join(", ")}`
    }: ${name} ${reason}${found?.advice ?? ""}`,
    {
      cause: error,
      differences: [`${model.table}.${column} ${reason}`],
      model: model.name,
      field: found?.field.name,
    },
  );
}

/** Returns why a value is unreadable; the other errors come from bytes that end too early. */
export function reasonOf(error: unknown): string {
  return error instanceof UnreadableValue
    ? error.message
    : "has bytes that are no value of its type";
}

function adviceOf(error: unknown): string {
  return error instanceof UnreadableValue && error.advice !== undefined
    ? `. ${error.advice}`
    : "";
}

function textOf(
  { type, isBinary }: Column,
  value: Readonly<Parameters<ValueReader>>,
): string {
  const reader = isBinary ? textReaderOf(type) ?? utf8Reader : utf8Reader;
  try {
    return reader(...value);
  } catch {
    return "?";
  }
}
