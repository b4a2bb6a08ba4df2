import type { KeyValue } from "hyparquet";
import type { AnyModel } from "../../model/types.ts";
import type { ExportedField } from "./exported_field.ts";

/**
 * Returns the metadata of a file: `dbp`, JSON with the model and the unit and
 * description of each field, and `table_meta_yaml`, from which astropy reads them.
 */
export function fileMetadata(
  model: AnyModel,
  fields: readonly ExportedField[],
): KeyValue[] {
  const described = Object.fromEntries(
    fields
      .filter(({ unit, description }) =>
        unit !== undefined || description !== undefined
      )
      .map(({ name, unit, description }) => [name, { unit, description }]),
  );
  const { name, table } = model;
  return [
    {
      key: "dbp",
      value: JSON.stringify({ model: name, table, fields: described }),
    },
    {
      key: "table_meta_yaml",
      value: ["datatype:", ...fields.map(astropyColumn)].join("\n"),
    },
  ];
}

/** Returns the line of a column in the YAML header of astropy; JSON is YAML. */
function astropyColumn(
  { name, type, unit, description }: ExportedField,
): string {
  const { kind } = type;
  const isNumber = ["int16", "int32", "int64", "float32", "float64"].includes(
    kind,
  );
  const datatype = isNumber ? kind : kind === "boolean" ? "bool" : "string";
  return `- ${JSON.stringify({ name, unit, datatype, description })}`;
}
