import type { Field } from "../../model/field.ts";
import type { UpdateEachStatement } from "../../query/statement/statement.ts";
import { fieldsNamed } from "../../model/keys.ts";
import { arrayText, textOf } from "../codec/types.ts";
import { Shape } from "./condition_outline.ts";
import type { TextStatement } from "./statement.ts";

/** A statement's outline and values. The order of values is that in which {@link sqlOf} asks for their places. */
export function shapeOf(statement: TextStatement): Shape {
  const shape = new Shape();
  const { kind, model } = statement;
  shape.part(kind);
  shape.model(model);
  switch (kind) {
    case "find":
      if (statement.fields === model.fields) shape.part("*");
      else shape.fields(statement.fields);
      shape.where(statement.where);
      for (const { field, direction, nulls } of statement.order) {
        shape.fields([field]);
        shape.part(`${direction}${nulls} `);
      }
      if (statement.limit !== undefined) {
        shape.part("limit");
        shape.value(String(statement.limit));
      }
      if (statement.offset > 0) {
        shape.part("offset");
        shape.value(String(statement.offset));
      }
      break;
    case "count":
      shape.where(statement.where);
      if (statement.max !== undefined) {
        shape.part("max");
        shape.value(String(statement.max));
      }
      break;
    case "exists":
    case "delete":
      shape.where(statement.where);
      break;
    case "getOrCreate":
      shape.where(statement.where);
      shape.fields([...statement.row.keys()]);
      for (const [field, value] of statement.row) shape.valueOf(field, value);
      break;
    case "update":
      shape.fields([...statement.set.keys()]);
      for (const [field, value] of statement.set) shape.valueOf(field, value);
      shape.where(statement.where);
      break;
    case "updateEach":
      shape.fields(statement.set);
      updateEachValues(statement, shape);
      break;
    default:
      statement satisfies never;
  }
  return shape;
}

function updateEachValues(
  { model, set, changes }: UpdateEachStatement,
  shape: Shape,
): void {
  const asText = (field: Field, value: unknown): string | null =>
    value === null || value === undefined ? null : textOf(field.type, value);
  for (
    const [place, field] of fieldsNamed(model, model.primaryKey).entries()
  ) {
    shape.value(
      arrayText(STRING, changes.map(({ key }) => asText(field, key[place]))),
    );
  }
  for (const [place, field] of set.entries()) {
    shape.value(
      arrayText(
        STRING,
        changes.map(({ values }) => asText(field, values[place])),
      ),
    );
  }
}

const STRING = { kind: "string" } as const;
