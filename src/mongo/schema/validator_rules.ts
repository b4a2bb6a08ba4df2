import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { codecOf } from "../codec/field_codec.ts";

/** What a collection asks of one field. */
export interface Rule {
  /** The BSON types that may stand in it, in order; none where any may. */
  readonly types: readonly string[];
  /** The values that may, where they are listed; null is told by `nullable`. */
  readonly values: readonly string[] | undefined;
  /** What an array's items must be. */
  readonly items: Rule | undefined;
  /** Whether null may, or nothing at all. */
  readonly nullable: boolean;
}

/** What a model asks of a field. */
export function ruleOf(
  { type, nullable }: Pick<Field, "type" | "nullable">,
): Rule {
  return {
    types: codecOf(type).bsonTypes,
    values: type.kind === "enum" ? type.values : undefined,
    items: type.kind === "array"
      ? ruleOf({ type: type.item, nullable: type.nullableItems })
      : undefined,
    nullable,
  };
}

/** A model's rules as the server takes them. Documents may hold more than the model's fields: their `_id`, and what others keep there. */
export function validatorOf(model: AnyModel): Document {
  const required = model.fields.filter(({ nullable }) => !nullable)
    .map(({ column }) => column);
  return {
    $jsonSchema: {
      bsonType: "object",
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(
        model.fields.map((field) => [field.column, {
          ...schemaOf(ruleOf(field)),
          ...descriptionOf(field),
        }]),
      ),
    },
  };
}

/** The rules that a server's validator holds, by column; undefined where it has none of this kind. */
export function rulesIn(
  validator: unknown,
): ReadonlyMap<string, Rule> | undefined {
  const schema = entry(validator, "$jsonSchema");
  const properties = entry(schema, "properties");
  if (typeof properties !== "object" || properties === null) return undefined;
  const required = new Set(list(entry(schema, "required")));
  return new Map(
    Object.entries(properties).map(([column, property]) => {
      const rule = ruleIn(property);
      return [column, {
        ...rule,
        nullable: rule.nullable && !required.has(column),
      }];
    }),
  );
}

/** A rule in words, without whether null may be. */
export function inWords({ types, values, items }: Rule): string {
  if (values !== undefined) return `one of ${values.join(", ")}`;
  if (items !== undefined) {
    return `an array of ${inWords(items)}${items.nullable ? " or null" : ""}`;
  }
  return types.length === 0 ? "anything" : types.join(" or ");
}

/** A rule as the server takes it. */
export function schemaOf({ types, values, items, nullable }: Rule): Document {
  if (types.length === 0) return nullable ? {} : { not: { bsonType: "null" } };
  const all = nullable ? [...types, "null"] : types;
  return {
    bsonType: all.length === 1 ? all[0] : all,
    ...(values === undefined
      ? {}
      : { enum: nullable ? [...values, null] : values }),
    ...(items === undefined ? {} : { items: schemaOf(items) }),
  };
}

function ruleIn(property: unknown): Rule {
  const types = list(entry(property, "bsonType"));
  const values = entry(property, "enum");
  const items = entry(property, "items");
  return {
    types: types.filter((type) => type !== "null").sort(),
    values: values === undefined
      ? undefined
      : list(values).filter((value) => value !== "null"),
    items: items === undefined ? undefined : ruleIn(items),
    nullable: types.length === 0
      ? entry(property, "not") === undefined
      : types.includes("null"),
  };
}

function descriptionOf({ description, unit }: Field): Document {
  const parts = [description, unit === undefined ? undefined : `[${unit}]`]
    .filter((part) => part !== undefined);
  return parts.length === 0 ? {} : { description: parts.join(" ") };
}

function entry(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null &&
      Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

function list(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}
