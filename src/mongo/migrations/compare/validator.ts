import type { Document } from "mongodb";
import { canonicalText, entry, isDocument } from "../file/json.ts";

/** What this package writes about a field; what else is said of it is somebody's own. */
const OURS = new Set(["bsonType", "enum", "items", "not", "description"]);

/**
 * The rules that a collection is to have: those of the model, and what others
 * put there, which stays.
 *
 * @param own the columns that models manage, or managed
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

/** What one field must be, by some rules. */
export function propertyOf(
  validator: Document | undefined,
  column: string,
): Document | undefined {
  return properties(schemaOf(validator))[column];
}

/** The fields that some rules are about. */
export function columnsOf(validator: Document | undefined): readonly string[] {
  return Object.keys(properties(schemaOf(validator)));
}

/** The fields that must be there, by some rules. */
export function requiredIn(validator: Document | undefined): readonly string[] {
  return listOf(schemaOf(validator).required);
}

/** What others ask of documents besides fields of their own, in words. */
export function foreignRules(validator: Document | undefined): string[] {
  if (validator === undefined) return [];
  const { bsonType: _type, required: _required, properties: _fields, ...rest } =
    schemaOf(validator);
  return [
    ...Object.keys(validator).filter((key) => key !== "$jsonSchema"),
    ...Object.keys(rest).filter((key) => !NOTES.has(key)),
  ];
}

/** The same for rules that ask the same. */
export function rulesText(validator: Document | undefined): string {
  return validator === undefined ? "" : canonicalText(bare(validator, false));
}

/** The same for rules that ask the same and say the same. */
export function wholeText(validator: Document | undefined): string {
  return validator === undefined ? "" : canonicalText(bare(validator, true));
}

/** What only says something. */
const NOTES = new Set(["description", "title"]);
/** Lists whose order says nothing. */
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
