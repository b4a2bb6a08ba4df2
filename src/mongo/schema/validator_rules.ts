import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { codecOf } from "../codec/field_codec.ts";
import { entry } from "./documents.ts";

/** The rule of a validator for one field. */
export interface Rule {
  /** The allowed BSON types in order; empty for any. */
  readonly types: readonly string[];
  /** The allowed values if they are listed, without null. */
  readonly values: readonly string[] | undefined;
  /** The rule for the items of an array. */
  readonly items: Rule | undefined;
  /** Whether it may be null or missing. */
  readonly nullable: boolean;
}

/** A field of a model, with its former name and rule. */
export interface FieldChange {
  readonly field: Field;
  /** Its name in existing documents. */
  readonly before: string;
  /** Its existing rule; undefined if it has none. */
  readonly rule: Rule | undefined;
}

/** Returns the rule for a field of a model. */
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

/** Returns the validator for a model. Documents may have other fields, too. */
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

/** Returns the rules of a validator by column; undefined if it has no properties. */
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

/** Returns the allowed types or values of a rule as text. */
export function ruleText({ types, values, items }: Rule): string {
  if (values !== undefined) return `one of ${values.join(", ")}`;
  if (items !== undefined) {
    return `an array of ${ruleText(items)}${items.nullable ? " or null" : ""}`;
  }
  return types.length === 0 ? "anything" : types.join(" or ");
}

/** Returns a rule as JSON schema. */
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

function list(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}
