import type { Document } from "mongodb";
import { entry, isDocument } from "../../schema/documents.ts";
import { canonicalText } from "../file/json.ts";

/** The keywords that this package writes; others belong to administrators. */
const OURS = new Set(["bsonType", "enum", "items", "not", "description"]);

/**
 * Returns the new validator of a collection: the rules of the model, and those
 * that administrators added.
 *
 * @param own the columns that models manage or managed
 */
export function mergedValidator(
  live: Document | undefined,
  wanted: Document,
  own: ReadonlySet<string>,
): Document {
  const theirs = schemaOf(live);
  const ours = schemaOf(wanted);
  const before = properties(theirs);
  const required = [
    ...listOf(ours.required),
    ...listOf(theirs.required).filter((name) => !own.has(name)),
  ];
  const { bsonType, required: _required, properties: _fields, ...others } =
    theirs;
  return {
    ...live,
    $jsonSchema: {
      bsonType: ours.bsonType ?? bsonType,
      ...required.length === 0 ? {} : { required },
      properties: {
        ...Object.fromEntries(
          Object.entries(properties(ours)).map(([column, rule]) => [
            column,
            { ...rule, ...foreign(before[column]) },
          ]),
        ),
        ...Object.fromEntries(
          Object.entries(before).filter(([column]) => !own.has(column)),
        ),
      },
      ...others,
    },
  };
}

/** Returns the rule of a validator for one field. */
export function propertyOf(
  validator: Document | undefined,
  column: string,
): Document | undefined {
  return properties(schemaOf(validator))[column];
}

/** Returns the fields in a validator. */
export function columnsOf(validator: Document | undefined): readonly string[] {
  return Object.keys(properties(schemaOf(validator)));
}

/** Returns the required fields of a validator. */
export function requiredIn(validator: Document | undefined): readonly string[] {
  return listOf(schemaOf(validator).required);
}

/** Returns the keywords that administrators added in addition to the fields. */
export function foreignRules(validator: Document | undefined): string[] {
  if (validator === undefined) return [];
  const { bsonType: _type, required: _required, properties: _fields, ...rest } =
    schemaOf(validator);
  return [
    ...Object.keys(validator).filter((key) => key !== "$jsonSchema"),
    ...Object.keys(rest).filter((key) => !NOTES.has(key)),
  ];
}

/** Returns a text that is equal for validators with the same rules. */
export function rulesText(validator: Document | undefined): string {
  return validator === undefined ? "" : canonicalText(bare(validator, false));
}

/** Returns a text that is equal for validators with the same rules and descriptions. */
export function wholeText(validator: Document | undefined): string {
  return validator === undefined ? "" : canonicalText(bare(validator, true));
}

/** Keywords that only describe. */
const NOTES = new Set(["description", "title"]);
/** Lists whose order does not matter. */
const SETS = new Set(["required", "bsonType", "enum"]);

function bare(value: unknown, notes: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => bare(one, notes));
  if (!isDocument(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (!notes && NOTES.has(key) && typeof inner === "string") return [];
      if (SETS.has(key) && (Array.isArray(inner) || key === "bsonType")) {
        return [[key, [inner].flat().map(canonicalText).sort()]];
      }
      return [[key, bare(inner, notes)]];
    }),
  );
}

function schemaOf(validator: Document | undefined): Document {
  const schema = entry(validator, "$jsonSchema");
  return isDocument(schema) ? schema : {};
}

function properties(schema: Document): Readonly<Record<string, Document>> {
  return isDocument(schema.properties)
    ? Object.fromEntries(
      Object.entries(schema.properties).filter(([, rule]) => isDocument(rule)),
    )
    : {};
}

function foreign(rule: Document | undefined): Document {
  return Object.fromEntries(
    Object.entries(rule ?? {}).filter(([key]) => !OURS.has(key)),
  );
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
