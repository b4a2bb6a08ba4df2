import type { SchemaElement } from "hyparquet";
import { microsecondsOf } from "../../model/exact_date.ts";
import type { Field, FieldType } from "../../model/field.ts";
import { jsonText } from "../text/json_text.ts";

/** A column of a Parquet file. */
interface ParquetColumn {
  readonly name: string;
  /** Its type, with those of its parts after it. */
  readonly elements: readonly SchemaElement[];
  /** Returns the stored form of a value other than null. */
  readonly stored: (value: unknown) => unknown;
}

/** Returns the column of a field. A field that cannot be null is required if it belongs to the key. */
export function parquetColumn(field: Field, isKey: boolean): ParquetColumn {
  return {
    name: field.name,
    elements: elementsOf(field.name, field.type, isKey && !field.nullable),
    stored: storedForm(field.type),
  };
}

function elementsOf(
  name: string,
  type: FieldType,
  isRequired: boolean,
): readonly SchemaElement[] {
  const repetition_type = isRequired ? "REQUIRED" : "OPTIONAL";
  switch (type.kind) {
    case "int32":
      return [{ name, repetition_type, type: "INT32" }];
    case "int64":
      return [{ name, repetition_type, type: "INT64" }];
    case "float32":
      return [{ name, repetition_type, type: "FLOAT" }];
    case "float64":
      return [{ name, repetition_type, type: "DOUBLE" }];
    case "boolean":
      return [{ name, repetition_type, type: "BOOLEAN" }];
    case "date":
      return [{
        ...{ name, repetition_type, type: "INT64" },
        converted_type: "TIMESTAMP_MICROS",
        logical_type: {
          type: "TIMESTAMP",
          isAdjustedToUTC: true,
          unit: "MICROS",
        },
      }];
    case "bytes":
      return [{ name, repetition_type, type: "BYTE_ARRAY" }];
    case "array":
      return [
        {
          ...{ name, repetition_type, num_children: 1 },
          converted_type: "LIST",
        },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        ...elementsOf("element", type.item, false),
      ];
    case "json":
    case "string":
    case "enum":
    case "uuid":
      return [{
        ...{ name, repetition_type, type: "BYTE_ARRAY" },
        converted_type: "UTF8",
        logical_type: { type: "STRING" },
      }];
  }
}

function storedForm(type: FieldType): (value: unknown) => unknown {
  switch (type.kind) {
    case "date":
      return microseconds;
    case "json":
      return jsonText;
    case "int64":
      return (value) => typeof value === "number" ? BigInt(value) : value;
    case "array": {
      const item = storedForm(type.item);
      return (value) =>
        Array.isArray(value)
          ? value.map((one: unknown) => one === null ? null : item(one))
          : value;
    }
    default:
      return (value) => value;
  }
}

/** Microseconds since 1970-01-01 UTC. */
function microseconds(value: unknown): unknown {
  return value instanceof Date
    ? BigInt(value.getTime()) * 1000n + BigInt(microsecondsOf(value) ?? 0)
    : value;
}
