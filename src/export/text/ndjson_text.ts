import type { Field } from "../../model/field.ts";
import type { RowEncoder } from "../output/encoder.ts";
import { jsonOf } from "./value_text.ts";

/** Writes rows as one JSON object a line. 64-bit integers are numbers with all their digits. */
export function ndjsonEncoder(fields: readonly Field[]): RowEncoder {
  const members = fields.map(({ name, type }, index) => ({
    name,
    start: `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`,
    textOf: jsonOf(type),
  }));
  const utf8 = new TextEncoder();
  return {
    begin: () => new Uint8Array(),
    encode(rows) {
      let text = "";
      for (const row of rows) {
        for (const { name, start, textOf } of members) {
          const value: unknown = Reflect.get(row, name);
          text += start;
          text += value === null || value === undefined
            ? "null"
            : textOf(value);
        }
        text += "}\n";
      }
      return utf8.encode(text);
    },
    end: () => new Uint8Array(),
  };
}
