import type { SchemaElement } from "hyparquet";
import type { FieldType } from "../../model/field.ts";
import type { ExportedField } from "./exported_field.ts";

/** Returns the type of the column of a field, with those of its parts after it. A field that cannot be null is required if it belongs to the key. */
export function columnSchema(
  { name, type, nullable }: ExportedField,
  isKey: boolean,
): readonly SchemaElement[] {
  return elementsOf(name, type, isKey && !nullable);
}

function elementsOf(
  name: string,
  type: FieldType,
  isRequired: boolean,
): readonly SchemaElement[] {
  const repetition_type = isRequired ? "REQUIRED" : "OPTIONAL";
  switch (type.kind) {
    case "int16":
      return [{
        ...{ name, repetition_type, type: "INT32" },
        converted_type: "INT_16",
        logical_type: { type: "INTEGER", bitWidth: 16, isSigned: true },
      }];
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
