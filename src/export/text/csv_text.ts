import type { Field } from "../../model/field.ts";
import type { RowEncoder } from "../output/encoder.ts";
import { plainText, type ToText } from "./value_text.ts";

/** Characters that a value without quotes must not contain: `load` takes a header with most `;` as separated by `;`. */
const SPECIAL = /["\r\n\t,;|]/;

/** Writes rows as CSV or TSV (RFC 4180). Null is an empty value, and an empty text is `""`. */
export function csvEncoder(
  fields: readonly Field[],
  delimiter: "," | "\t",
): RowEncoder {
  const columns = fields.map(({ name, type }) => ({
    name,
    textOf: needsQuotes(type.kind) ? quotedText(plainText(type)) : plainText(
      type,
    ),
  }));
  const utf8 = new TextEncoder();
  const line = (cells: readonly string[]): string =>
    `${cells.join(delimiter)}\n`;
  return {
    begin: () => utf8.encode(line(fields.map(({ name }) => quoted(name)))),
    encode(rows) {
      let text = "";
      for (const row of rows) {
        let start = "";
        for (const { name, textOf } of columns) {
          const value: unknown = Reflect.get(row, name);
          text += start;
          if (value !== null && value !== undefined) text += textOf(value);
          start = delimiter;
        }
        text += "\n";
      }
      return utf8.encode(text);
    },
    end: () => new Uint8Array(),
  };
}

function needsQuotes(kind: Field["type"]["kind"]): boolean {
  return ["string", "enum", "uuid", "json", "array"].includes(kind);
}

function quotedText(textOf: ToText): ToText {
  return (value) => quoted(textOf(value));
}

function quoted(text: string): string {
  return text === "" || SPECIAL.test(text)
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}
