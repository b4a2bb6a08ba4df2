import { createRowClass, generated } from "../../base/row_class.ts";
import { setMember } from "../../base/set_member.ts";
import type { Field } from "../../model/field.ts";
import { textConverter } from "../values/converter.ts";
import type { FromText } from "../values/from_text.ts";
import type { FieldProblem } from "./loaded_row.ts";

/** A column of a file that becomes a field. */
interface CellColumn {
  /** The position of the column, from 0. */
  readonly index: number;
  readonly field: Field;
}

/** Converts the cells of a record to a row, and adds the problems of its values to a list. */
type CellReader = (
  cells: readonly string[],
  problems: FieldProblem[],
) => object;

/** The prepared conversion of one column. */
interface Conversion {
  readonly index: number;
  readonly name: string;
  /** The value of an empty cell. */
  readonly empty: null | undefined;
  readonly convert: FromText;
}

/**
 * Creates the function that converts the cells of records. It is generated
 * JavaScript, which takes half the time of a loop, unless the runtime forbids
 * generated code.
 */
export function createCellReader(columns: readonly CellColumn[]): CellReader {
  const conversions = columns.map(({ index, field }): Conversion => ({
    index,
    name: field.name,
    empty: field.nullable ? null : undefined,
    convert: textConverter(field),
  }));
  // A constructor would change the prototype of the row.
  const isGenerated = conversions.every(({ name }) => name !== "__proto__");
  return isGenerated && generatedReader(conversions) || loopReader(conversions);
}

function generatedReader(
  conversions: readonly Conversion[],
): CellReader | undefined {
  const names = conversions.map(({ name }) => name);
  const Row = createRowClass(names, Object.prototype);
  if (Row === undefined) return undefined;
  const constants = conversions.map((_, at) => `t${at} = convert[${at}]`);
  const values = conversions.map(({ index, empty }, at) =>
    `(c = cells[${index}]) === "" ? ${empty} : t${at}(c, refuse[${at}])`
  );
  // The source contains numbers only.
  const reader = generated(
    ["Row", "convert", "refuse", "to"],
    `const ${constants.join(", ")};
     return function read(cells, problems) {
       let c; to.problems = problems;
       return new Row(${values.join(", ")});
     };`,
  );
  const to: { problems: FieldProblem[] } = { problems: [] };
  return reader?.(
    Row,
    conversions.map(({ convert }) => convert),
    names.map((field) => (reason: string): void => {
      to.problems.push({ field, reason });
    }),
    to,
  );
}

function loopReader(conversions: readonly Conversion[]): CellReader {
  return (cells, problems) => {
    const row: Record<string, unknown> = {};
    for (const { index, name, empty, convert } of conversions) {
      const text = cells[index] ?? "";
      const value = text === "" ? empty : convert(text, (reason) => {
        problems.push({ field: name, reason });
      });
      setMember(row, name, value);
    }
    return row;
  };
}
