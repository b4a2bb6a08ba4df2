import { QueryError, suggestionText } from "../../base/errors/mod.ts";
import { nearest } from "../../base/nearest.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { fileProblem } from "../input/file_problem.ts";

/** How columns become fields. */
export interface ColumnRules {
  /** Fields by the names of their columns in the file. */
  readonly map: ReadonlyMap<string, Field>;
  /** The columns that are not loaded. */
  readonly skip: ReadonlySet<string>;
  /** The fields that every row must have. */
  readonly required: readonly Field[];
}

/** Returns the fields that a file must have: to insert, those that nothing else fills; to update, the key. */
export function requiredFields(
  model: AnyModel,
  isUpdate: boolean,
): readonly Field[] {
  return model.fields.filter((field) =>
    isUpdate
      ? model.primaryKey.includes(field.name)
      : !field.nullable && field.filled === undefined &&
        field.default === undefined && field.onUpdate === undefined
  );
}

/** Returns the field of a column: the one that `map` names, or else the one of this name or of this column of the table. */
export function fieldOfColumn(
  model: AnyModel,
  { map }: ColumnRules,
  column: string,
): Field | undefined {
  return map.get(column) ?? model.byName.get(column) ??
    model.fields.find((field) => field.column === column);
}

/**
 * Returns the field of each column of a header; undefined for those that are skipped.
 *
 * @param position the file and the line of the header, for errors
 * @throws {ValidationError} if a column is unknown or named twice, or if a required one is missing
 */
export function columnsOf(
  model: AnyModel,
  rules: ColumnRules,
  header: readonly string[],
  position: string,
): readonly (Field | undefined)[] {
  const refuse = (reason: string): never => {
    throw fileProblem(model.name, position, reason);
  };
  const found = new Map<Field, number>();
  const columns = header.map((cell, index) => {
    const column = cell.trim();
    if (rules.skip.has(column)) return undefined;
    const field = fieldOfColumn(model, rules, column);
    if (field === undefined) return column;
    const first = found.get(field);
    if (first !== undefined) {
      refuse(
        `names the field ${field.name} twice, in columns ${first + 1} and ${
          index + 1
        }`,
      );
    }
    found.set(field, index);
    return field;
  });
  const unknown = columns.findIndex((column) => typeof column === "string");
  if (unknown >= 0 && found.size === 0) {
    refuse(
      `must name the columns, and names no field of ${model.name}${
        header.length === 1 ? "" : ` in its ${header.length} columns`
      }`,
    );
  }
  const known = columns.map((column, index) =>
    typeof column === "string"
      ? refuse(unknownText(model, column, index))
      : column
  );
  const mapped = [...rules.map].find(([column]) =>
    !header.some((cell) => cell.trim() === column)
  );
  if (mapped !== undefined) {
    refuse(
      `has no column ${JSON.stringify(mapped[0])}, which map names${
        suggestionText(nearest(mapped[0], header))
      }`,
    );
  }
  const missing = rules.required.filter((field) => !found.has(field));
  if (missing.length > 0) {
    refuse(
      `has no column for ${missing.map(({ name }) => name).join(", ")}, which ${
        missing.length === 1 ? "is" : "are"
      } required`,
    );
  }
  return known;
}

function unknownText(model: AnyModel, column: string, index: number): string {
  if (column === "") {
    return `has a column without a name, column ${
      index + 1
    }; to leave it out, skip the column ""`;
  }
  return `has the column ${
    JSON.stringify(column)
  }, which is not a field of ${model.name}; map it to a field, or skip it${
    suggestionText(nearest(column, model.byName.keys()))
  }`;
}

/**
 * Checks the option `map`.
 *
 * @throws {QueryError} if it names an unknown field
 */
export function columnMap(
  model: AnyModel,
  map: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, Field> {
  return new Map(
    Object.entries(map).map(([column, name]) => {
      const field = model.byName.get(String(name));
      if (field !== undefined) return [column, field];
      throw new QueryError(
        `Cannot load ${model.name}: map names the field ${
          JSON.stringify(name)
        }, which it does not have`,
        {
          model: model.name,
          field: String(name),
          nearest: nearest(String(name), model.byName.keys()),
        },
      );
    }),
  );
}
