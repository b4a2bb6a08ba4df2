import { createRowClass, generated } from "../../base/row_class.ts";
import { setMember } from "../../base/set_member.ts";
import type { Field } from "../../model/field.ts";
import { type ColumnPart, valueAt } from "../parquet/column_part.ts";
import type { Refuse } from "../values/from_text.ts";
import { type FromTyped, typedConverter } from "../values/from_typed.ts";
import type { FieldProblem } from "./loaded_row.ts";

/** Converts the rows of columns from one position to another, and passes each to `add`, with the problems of its values. */
type ColumnReader = (
  columns: readonly ColumnPart[],
  from: number,
  end: number,
  add: AddRow,
) => void;

type AddRow = (row: object, problems: readonly FieldProblem[]) => void;

/** The prepared conversion of one column. */
interface Conversion {
  readonly name: string;
  /** The value of a row without one. */
  readonly empty: null | undefined;
  readonly convert: FromTyped;
}

const NO_PROBLEMS: readonly FieldProblem[] = [];

/**
 * Creates the function that converts the rows of columns, which are in the order
 * of the fields. It is generated JavaScript, which takes a fraction of the time of
 * a loop, unless the runtime forbids generated code.
 */
export function createColumnReader(fields: readonly Field[]): ColumnReader {
  const conversions = fields.map(({ name, type, nullable }): Conversion => ({
    name,
    empty: nullable ? null : undefined,
    convert: typedConverter(type),
  }));
  // A constructor would change the prototype of the row.
  const isGenerated = conversions.every(({ name }) => name !== "__proto__");
  return isGenerated && generatedReader(conversions) || loopReader(conversions);
}

function generatedReader(
  conversions: readonly Conversion[],
): ColumnReader | undefined {
  const names = conversions.map(({ name }) => name);
  const Row = createRowClass(names, Object.prototype);
  if (Row === undefined) return undefined;
  const constants = conversions.map((_, at) => `t${at} = convert[${at}]`);
  const columns = conversions.map((_, at) =>
    `{ values: v${at}, nulls: n${at} } = columns[${at}]`
  );
  const values = conversions.map(({ empty }, at) =>
    `(n${at} !== undefined && n${at}[at] === 1) || (c = v${at}[at]) === null
       ? ${empty} : t${at}(c, refuse[${at}])`
  );
  // The source contains numbers only.
  const reader = generated(
    ["Row", "convert", "refuse", "to"],
    `const ${constants.join(", ")};
     return function read(columns, from, end, add) {
       const ${columns.join(", ")};
       let c;
       for (let at = from; at < end; at++) add(new Row(${
      values.join(", ")
    }), to.taken());
     };`,
  );
  const problems = problemList();
  return reader?.(
    Row,
    conversions.map(({ convert }) => convert),
    names.map(problems.refuse),
    problems,
  );
}

function loopReader(conversions: readonly Conversion[]): ColumnReader {
  const { refuse, taken } = problemList();
  const prepared = conversions.map((conversion) => ({
    ...conversion,
    refuse: refuse(conversion.name),
  }));
  return (columns, from, end, add) => {
    for (let at = from; at < end; at++) {
      const row: Record<string, unknown> = {};
      for (
        const [index, { name, empty, convert, refuse }] of prepared.entries()
      ) {
        const part = columns[index];
        const value = part === undefined ? null : valueAt(part, at);
        setMember(row, name, value === null ? empty : convert(value, refuse));
      }
      add(row, taken());
    }
  };
}

/** The problems of the values of one row at a time. */
function problemList(): {
  /** Returns the function that adds a problem of a field. */
  refuse(field: string): Refuse;
  /** Returns the problems, and forgets them. */
  taken(): readonly FieldProblem[];
} {
  let problems: FieldProblem[] = [];
  return {
    refuse: (field) => (reason) => void problems.push({ field, reason }),
    taken() {
      if (problems.length === 0) return NO_PROBLEMS;
      const taken = problems;
      problems = [];
      return taken;
    },
  };
}
