import { QueryError } from "../../base/errors/mod.ts";
import type { Operation } from "../../model/expression.ts";
import type { Field } from "../../model/field.ts";
import { bindType } from "../codec/column_type.ts";
import { OID } from "../codec/wire/types.ts";
import { assignedValue, readValue } from "../codec/written_value.ts";
import { combinedText } from "./combined_text.ts";
import { isOrdered } from "./comparable.ts";
import { columnText, type SqlWriter } from "./sql_writer.ts";

/** The types whose sums stay in the range of the field. */
const SUM_TYPES: Readonly<Record<string, readonly number[]>> = {
  int16: [OID.int2],
  int32: [OID.int2, OID.int4],
  int64: [OID.int2, OID.int4, OID.int8],
  float32: [OID.float4],
};

/**
 * Returns SQL for the new value of a field.
 *
 * @param value SQL of the text of the given value
 * @param table the table of the stored value, before its column: `"target".`
 */
export function assignment(
  to: SqlWriter,
  field: Field,
  operation: Operation | undefined,
  value: string,
  table = "",
): string {
  const stored = `${table}${columnText(field)}`;
  switch (operation) {
    case undefined:
      return assignedValue(field, to.columns, value);
    case "increment":
      return sum(to, field, stored, value);
    default: {
      if (operation !== "ifNull" && !isOrdered(field)) {
        throw new QueryError(
          `Cannot update ${field.name}: ${operation} needs an order, and PostgreSQL has none for ${field.sqlType}`,
          { field: field.name },
        );
      }
      const given = readValue(field, to.columns, value);
      return combinedText(field, operation, to.collations, stored, given);
    }
  }
}

/** A sum that a wider column would hold, but not the field, is an error as well. */
function sum(
  to: SqlWriter,
  field: Field,
  stored: string,
  value: string,
): string {
  const text = `${stored} + ${readValue(field, to.columns, value)}`;
  const column = to.columnOf(field);
  const types = SUM_TYPES[field.type.kind];
  return column === undefined || types === undefined ||
      types.includes(column.baseType)
    ? text
    : `cast(${text} as ${bindType(field)})`;
}
