import type { Field, FieldType } from "../src/model/field.ts";
import type { AnyModel, ForeignKey } from "../src/model/types.ts";

/** Tables with more columns show only their keys and the number of other columns. */
const MOST_COLUMNS = 8;
/** Words that Mermaid reserves, so that a table of that name needs quotes. */
const RESERVED = ["class", "classDef", "direction", "style", "title"];

/**
 * Returns a Mermaid `erDiagram` of models: tables with columns, types and keys,
 * and a line for each foreign key.
 */
export function mermaid(models: readonly AnyModel[]): string {
  const byTable = new Map(models.map((model) => [model.table, model]));
  return [
    "erDiagram",
    "  direction LR",
    ...models.flatMap((model) =>
      model.foreignKeys.filter(({ references }) =>
        byTable.has(references.table)
      ).map((key) => `  ${line(model, key)}`)
    ),
    ...models.flatMap((model) => [
      `  ${entity(model.table)} {`,
      ...columns(model).map((column) => `    ${column}`),
      "  }",
    ]),
  ].join("\n");
}

/** The line of a foreign key. The referring side has at most one row if its key is unique; the other side can have none if a field is nullable. */
function line(model: AnyModel, { fields, references }: ForeignKey): string {
  const single = [model.primaryKey.map(String), ...model.unique].some((key) =>
    key.length > 0 && key.every((field) => fields.includes(field))
  );
  const optional = fields.some((name) => model.byName.get(name)?.nullable);
  const ends = `${optional ? "|o" : "||"}--${single ? "o|" : "o{"}`;
  return `${entity(references.table)} ${ends} ${entity(model.table)} : "${
    fields.map((name) => columnOf(model, name)).join(", ")
  }"`;
}

function columns(model: AnyModel): string[] {
  const marked = model.fields.map((field) => ({
    field,
    marks: marksOf(model, field),
  }));
  const shown = marked.length > MOST_COLUMNS
    ? marked.filter(({ marks }) => marks.length > 0)
    : marked;
  const hidden = marked.length - shown.length;
  return [
    ...shown.map(({ field, marks }) =>
      [typeOf(field.type), word(field.column), marks.join(", ")].join(" ")
        .trimEnd()
    ),
    ...(hidden === 0 ? [] : [`and others "${hidden} more"`]),
  ];
}

function marksOf(model: AnyModel, { name }: Field): string[] {
  const isIn = (keys: readonly (readonly PropertyKey[])[]): boolean =>
    keys.some((key) => key.includes(name));
  return [
    ...(isIn([model.primaryKey]) ? ["PK"] : []),
    ...(isIn(model.foreignKeys.map(({ fields }) => fields)) ? ["FK"] : []),
    ...(isIn(model.unique) ? ["UK"] : []),
  ];
}

function typeOf(type: FieldType): string {
  return type.kind === "array" ? `${typeOf(type.item)}[]` : type.kind;
}

function columnOf(model: AnyModel, field: string): string {
  return model.byName.get(field)?.column ?? field;
}

/** The name of a column with valid characters only: Mermaid cannot quote columns. */
function word(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, "_").replace(/^(?=[^A-Za-z])/, "_");
}

function entity(table: string): string {
  return /^[A-Za-z]\w*$/.test(table) && !RESERVED.includes(table)
    ? table
    : `"${table.replaceAll('"', "'")}"`;
}
