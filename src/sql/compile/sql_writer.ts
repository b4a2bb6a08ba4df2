import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { quotedName } from "../codec/quote.ts";
import type { SentValue } from "../link/link.ts";
import type { PositionIndex } from "./position_index.ts";
import type { Collations } from "../codec/collations.ts";
import { castType } from "../codec/column_type.ts";
import type { Typed } from "../codec/kinds.ts";
import {
  type ColumnForm,
  declaredForm,
  type StoredForm,
  storedForm,
} from "../codec/stored_form.ts";
import { arrayValue } from "../codec/array_values.ts";
import { writeArrayText, writeText } from "../codec/value_text.ts";
import { assignedValue, type ColumnForms } from "../codec/written_value.ts";

/** The table of a model, with its schema, and the facts about its columns. */
interface KnownTable {
  readonly table: string;
  readonly columns: ColumnForms | undefined;
  /** The position index of the table. */
  readonly positionIndex?: PositionIndex | undefined;
}

/** A table whose columns a condition can name. */
interface TableScope extends KnownTable {
  /** The name of the table in the statement. */
  readonly name: string;
  /** The text before its columns. */
  readonly prefix: string;
}

/** Collects the outline of a statement and, separately, its values. Values never become part of the text. */
export class SqlWriter {
  /** The text so far, with marks for long parts: see {@link expand}. */
  outline = "";
  /** The texts of these parts by their keys, if there are any. */
  parts: Map<string, () => string> | undefined;
  /** The position whose numbers were appended last, with the cosine of its declination, and the number of the placeholder of the first one. */
  position:
    | {
      readonly ra: number;
      readonly dec: number;
      readonly cosine: number;
      readonly at: number;
    }
    | undefined;
  /** The values so far, as PostgreSQL reads them, in the order of their placeholders. */
  readonly values: SentValue[] = [];

  /** The table whose columns the current condition compares. */
  #scope: TableScope;
  /** The number of tables of relations so far. */
  #related = 0;

  /**
   * @param collations how the columns of the database compare text
   * @param table the table of the statement, with its schema
   * @param columns the facts about the columns of the table
   * @param tableOf returns the same of another model, for relations
   * @param positionIndex the position index of the table
   */
  constructor(
    readonly collations: Collations,
    table: string,
    columns?: ColumnForms,
    readonly tableOf: (model: AnyModel) => KnownTable = () => {
      throw new TypeError("The statement has no relations");
    },
    positionIndex?: PositionIndex,
  ) {
    this.#scope = { table, columns, positionIndex, name: table, prefix: "" };
  }

  /** The position index of the table whose columns the current condition compares. */
  get positionIndex(): PositionIndex | undefined {
    return this.#scope.positionIndex;
  }

  /** The table whose columns the current condition compares, with its schema. */
  get table(): string {
    return this.#scope.table;
  }

  /** The text before its columns in the statement. */
  get prefix(): string {
    return this.#scope.prefix;
  }

  /** The facts about the columns of that table. */
  get columns(): ColumnForms | undefined {
    return this.#scope.columns;
  }

  /** Returns the column of a field. In a relation it has the name of its table. */
  column(field: Field): string {
    return this.#scope.prefix + columnText(field);
  }

  /** Returns the column of a field for a comparison by order, which orders text by code point unless the model names a collation. */
  ordered(field: Field): string {
    const { column, ordered } = textsOf(field);
    return this.#scope.prefix +
      (this.collations.needsC(field) ? ordered : column);
  }

  /** Writes a subquery on the table of another model, whose conditions can name the columns of the table around it. */
  subquery(model: AnyModel, write: (outer: TableScope) => void): void {
    const outer = this.#scope;
    const known = this.tableOf(model);
    const name = `dbp_${++this.#related}`;
    this.outline += `select from ${known.table} as ${name}`;
    this.#within(known, name, () => write(outer));
  }

  /** Writes conditions on the table of the statement under another name. */
  named(name: string, write: () => void): void {
    this.#within(this.#scope, name, write);
  }

  #within(
    { table, columns, positionIndex }: KnownTable,
    name: string,
    write: () => void,
  ): void {
    const outer = this.#scope;
    this.#scope = { table, columns, positionIndex, name, prefix: `${name}.` };
    write();
    this.#scope = outer;
  }

  /**
   * Returns a mark for a long part, whose text is needed only for the first statement of an outline.
   *
   * @param key differs for parts whose texts differ in statements on the same table
   */
  part(key: string, text: () => string): string {
    this.parts ??= new Map();
    this.parts.set(key, text);
    return `${MARK}${key}${MARK}`;
  }

  /** Adds values, and returns the number of the placeholder of the first one. */
  append(values: readonly SentValue[]): number {
    const number = this.values.length + 1;
    this.values.push(...values);
    return number;
  }

  /** Adds a value, and returns its placeholder. */
  placeholder(value: SentValue): string {
    return `$${this.values.push(value)}`;
  }

  /** Appends a placeholder for a value. */
  value(text: string | null): void {
    this.outline += this.placeholder(text);
  }

  /** Appends a placeholder for the value of a field, cast to the type of its column. */
  castValue(field: Field, value: unknown): void {
    const placeholder = this.placeholder(valueText(field, value));
    this.outline += this.columns === undefined
      ? `cast(${placeholder} as ${typeText(field)})`
      : assignedValue(field, this.columns, placeholder);
  }

  /** Appends a placeholder for an array of texts. */
  texts(texts: readonly (string | null)[]): void {
    this.outline += `cast(${
      this.placeholder(writeArrayText({ type: { kind: "string" } }, texts))
    } as text[])`;
  }

  /** Appends a placeholder for an array of values of a field, of their type or of their texts. */
  array(field: Field, values: readonly unknown[]): void {
    const { sqlType, bytes } = arrayValue(field, this.columnOf(field), values);
    this.outline += `cast(${this.placeholder(bytes)} as ${sqlType}[])`;
  }

  /** Returns what the database says about the column of a field, if it is known. */
  columnOf(field: Field): ColumnForm | undefined {
    return this.columns?.get(field.column);
  }

  /** Returns how the column of a field changes a value that it stores. */
  form(field: Field): StoredForm {
    const column = this.columnOf(field);
    return column === undefined
      ? textsOf(field).form
      : storedForm(field, column);
  }
}

/** Returns the value of a field as PostgreSQL reads it. */
export function valueText(field: Typed, value: unknown): string | null {
  return value === null || value === undefined ? null : writeText(field, value);
}

interface FieldTexts {
  readonly column: string;
  readonly ordered: string;
  readonly type: string;
  readonly form: StoredForm;
}

const fieldTexts = new WeakMap<Field, FieldTexts>();
function textsOf(field: Field): FieldTexts {
  const known = fieldTexts.get(field);
  if (known !== undefined) return known;
  const column = quotedName(field.column);
  const ordered = `${column} collate "C"`;
  const texts = {
    column,
    ordered,
    type: castType(field),
    form: declaredForm(field),
  };
  fieldTexts.set(field, texts);
  return texts;
}

/** Returns the quoted column of a field. */
export function columnText(field: Field): string {
  return textsOf(field).column;
}

/** Returns the SQL type of a field's values. */
export function typeText(field: Field): string {
  return textsOf(field).type;
}

/** Is before and after the key of a part that an outline does not spell out. No name in PostgreSQL contains this character. */
const MARK = "\0";
/** Stands for the columns of all fields of a model: they are long and repeat in most statements. */
const ALL_COLUMNS = `${MARK}${MARK}`;

/** Returns the quoted columns of fields, separated by commas; for all fields of the model a mark. */
export function columnListText(
  model: AnyModel,
  fields: readonly Field[],
): string {
  return fields === model.fields
    ? ALL_COLUMNS
    : fields.map(columnText).join(", ");
}

/** Returns the text of a statement: its outline with the parts in place of their marks. */
export function expand(
  { outline, parts }: SqlWriter,
  { fields }: AnyModel,
): string {
  return outline.split(MARK).map((piece, index) => {
    if (index % 2 === 0) return piece;
    return piece === ""
      ? fields.map(columnText).join(", ")
      : parts?.get(piece)?.() ?? "";
  }).join("");
}
