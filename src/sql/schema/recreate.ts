import type {
  LiveColumn,
  LiveConstraint,
  LiveIndex,
  LiveTable,
} from "./introspect.ts";
import { list, named, quoted } from "../codec/quote.ts";
import { sequenceOptions } from "./sequence_options.ts";
import { serialType } from "./serial_type.ts";

/**
 * Returns the statements that create a table as the catalogs describe it,
 * without its foreign keys.
 *
 * @param exact whether not-null constraints keep their names
 */
export function createTable(table: LiveTable, exact = false): string[] {
  const name = named(table.name);
  const lines = [
    ...table.columns.map((column) =>
      exact && !column.nullable && column.notNullName !== null
        ? `${columnText({ ...column, nullable: true })} CONSTRAINT ${
          named(column.notNullName)
        } NOT NULL`
        : columnText(column)
    ),
    ...table.constraints.filter(({ kind }) => kind !== "foreign").filter((
      { validated },
    ) => validated).map(constraintText),
  ];
  const split = table.partition === null
    ? ""
    : ` PARTITION BY ${table.partition}`;
  return [
    `CREATE TABLE ${name} (\n  ${lines.join(",\n  ")}\n)${split}`,
    ...table.parts.map((part) =>
      `CREATE TABLE ${named(part.name)} PARTITION OF ${name} ${part.bound}`
    ),
    ...table.indexes.filter(({ valid }) => valid).map((index) =>
      createIndex(index, table.name)
    ),
    ...table.constraints.filter(({ kind, validated }) =>
      kind !== "foreign" && !validated
    ).map((constraint) => addConstraint(table.name, constraint)),
    ...table.columns.flatMap(({ name, unvalidated }) =>
      unvalidated === null ? [] : [
        `ALTER TABLE ${named(table.name)} ADD CONSTRAINT ${
          named(unvalidated)
        } NOT NULL ${named(name)} NOT VALID`,
      ]
    ),
    ...table.columns.flatMap(({ name, comment }) =>
      comment === null ? [] : [commentOn(table.name, name, comment)]
    ),
  ];
}

/** Returns the statements that add the foreign keys of a table. */
export function createForeignKeys(table: LiveTable): string[] {
  return table.constraints.filter(({ kind }) => kind === "foreign").map((key) =>
    addConstraint(table.name, key)
  );
}

/** Returns the definition of a column in `CREATE TABLE`. */
export function columnText(column: LiveColumn): string {
  const rule = column.nullable ? "" : " NOT NULL";
  return `${named(column.name)} ${typeText(column)}${
    valueClause(column)
  }${rule}`;
}

/** Returns the type of a column, with its collation. */
export function typeText({ type, collation, generated }: LiveColumn): string {
  const text = generated === "serial" ? serialType(type) : type;
  return collation === null ? text : `${text} COLLATE ${collation}`;
}

/** Returns the default or generation clause of a column, after a space. */
export function valueClause(
  { generated, sequence, default: value }: LiveColumn,
): string {
  switch (generated) {
    case "always":
    case "by default": {
      const options = sequence === null ? "" : sequenceOptions(sequence);
      return ` GENERATED ${generated.toUpperCase()} AS IDENTITY${
        options === "" ? "" : ` (${options.trimStart()})`
      }`;
    }
    case "stored":
      return ` GENERATED ALWAYS AS (${value}) STORED`;
    case "virtual":
      return ` GENERATED ALWAYS AS (${value}) VIRTUAL`;
    case "serial":
      return "";
    case null:
      return value === null ? "" : ` DEFAULT ${value}`;
  }
}

function constraintText(
  { name, definition }: LiveConstraint,
): string {
  return `CONSTRAINT ${named(name)} ${definition}`;
}

/** Returns the statement that adds a constraint, as NOT VALID if it is not validated. */
export function addConstraint(
  table: string,
  constraint: LiveConstraint,
): string {
  return `ALTER TABLE ${named(table)} ADD ${constraintText(constraint)}${
    constraint.validated ? "" : " NOT VALID"
  }`;
}

/** Returns the statement that creates an index; `how` precedes its name (`CONCURRENTLY `), `on` its table (`ONLY `). */
export function createIndex(
  { name, unique, definition }: Pick<
    LiveIndex,
    "name" | "unique" | "definition"
  >,
  table: string,
  how = "",
  on = "",
): string {
  return `CREATE ${unique ? "UNIQUE " : ""}INDEX ${how}${named(name)} ON ${on}${
    named(table)
  } ${definition}`;
}

/** Returns the statement that sets the comment of a column. */
export function commentOn(
  table: string,
  column: string,
  comment: string | null,
): string {
  return `COMMENT ON COLUMN ${list([table])}.${named(column)} IS ${
    comment === null ? "NULL" : quoted(comment)
  }`;
}
