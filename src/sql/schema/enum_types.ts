import { type Difference, missing } from "../../migrations/plan/difference.ts";
import type { AnyModel } from "../../model/types.ts";
import { quoted, quotedName } from "../codec/quote.ts";
import { isTextType } from "../codec/column_type.ts";
import type { SqlLink } from "../link/link.ts";
import { row } from "../link/run.ts";

/** An enum type of the server that models name for an enum field. */
interface EnumType {
  /** Its name as the models write it. */
  readonly name: string;
  /** The values of the models, in order. */
  readonly values: readonly string[];
}

/** A value that an existing enum type does not have. */
interface AddedValue {
  readonly value: string;
  /** Its place in the order: `AFTER 'g'`. */
  readonly position: string;
}

/** An enum type that does not exist, or lacks values of the models. */
export interface EnumDifference {
  readonly name: string;
  /** Whether the type does not exist. */
  readonly isNew: boolean;
  /** All its values, those of the database included, in order. */
  readonly values: readonly string[];
  /** The values that the existing type lacks. */
  readonly added: readonly AddedValue[];
}

/** A name without a schema and a length, and the brackets of an array of it. */
const NAME =
  /^\s*("(?:[^"]|"")+"|[A-Za-z_][\w$]*)\s*(?:\[\s*(?:\d+\s*)?\]\s*)*$/;

/** Returns the name of a type as written; undefined if it has a schema or a length. The type of an array is that of its items. */
export function unqualifiedType(sqlType: string): string | undefined {
  return NAME.exec(sqlType)?.[1];
}

/** Returns the types that models name for enum fields. A type with a schema in its name is not one: it belongs to others. */
export function declaredEnums(models: readonly AnyModel[]): EnumType[] {
  const found = new Map<string, string[]>();
  for (const { type, sqlType = "" } of models.flatMap(({ fields }) => fields)) {
    const item = type.kind === "array" ? type.item : type;
    if (item.kind !== "enum" || isTextType(sqlType)) continue;
    const written = unqualifiedType(sqlType);
    if (written === undefined) continue;
    const name = written.startsWith('"') ? written : written.toLowerCase();
    const values = found.get(name) ?? [];
    values.push(...item.values.filter((value) => !values.includes(value)));
    found.set(name, values);
  }
  return [...found].map(([name, values]) => ({ name, values }));
}

/** Returns the declared enum types that the search path does not have, or that lack values. */
export async function enumDifferences(
  link: SqlLink,
  models: readonly AnyModel[],
): Promise<EnumDifference[]> {
  const found: EnumDifference[] = [];
  for (const { name, values } of declaredEnums(models)) {
    const { exists, labels } = await readLabels(link, name);
    if (!exists) found.push({ name, isNew: true, values, added: [] });
    else if (labels !== undefined) {
      const { added, all } = addedValues(values, labels);
      if (added.length > 0) {
        found.push({ name, isNew: false, values: all, added });
      }
    }
  }
  return found;
}

/** Returns whether a type exists, and the values of an enum type in order. */
export async function readLabels(
  link: SqlLink,
  type: string,
): Promise<{ exists: boolean; labels: readonly string[] | undefined }> {
  const [exists, labels] = await row(link, LABELS, [type]);
  return {
    exists: exists === "t",
    labels: typeof labels === "string" ? JSON.parse(labels) : undefined,
  };
}

/** Returns the values that an enum type does not have, and all its values with them. */
export function addedValues(
  values: readonly string[],
  labels: readonly string[],
): { readonly added: readonly AddedValue[]; readonly all: readonly string[] } {
  const all = [...labels];
  const added = values.flatMap((value, index): AddedValue[] => {
    if (all.includes(value)) return [];
    const before = values[index - 1];
    const [first = ""] = all;
    all.splice(before === undefined ? 0 : all.indexOf(before) + 1, 0, value);
    return [{
      value,
      position: before === undefined
        ? `BEFORE ${quoted(first)}`
        : `AFTER ${quoted(before)}`,
    }];
  });
  return { added, all };
}

/** Returns the statement that creates an enum type. */
export function createEnum(
  { name, values }: EnumType,
  schema?: string,
): string {
  const prefix = schema === undefined ? "" : `${quotedName(schema)}.`;
  return `CREATE TYPE ${prefix}${name} AS ENUM (${
    values.map(quoted).join(", ")
  })`;
}

/** Describes what enum types lack. */
export function enumDifferenceTexts(
  types: readonly EnumDifference[],
): Difference[] {
  return types.flatMap(({ name, isNew, values, added }) => {
    const about = { table: name, object: name, weight: 1 } as const;
    return isNew
      ? [{ ...missing(`the type ${name} (${values.join(", ")})`), ...about }]
      : added.map(({ value }) => ({
        ...missing(`the value ${quoted(value)} of the type ${name}`),
        ...about,
        object: `${name}_${value}`,
      }));
  });
}

const LABELS = `
select to_regtype($1) is not null, (
  select json_agg(enumlabel order by enumsortorder) from pg_enum where enumtypid = to_regtype($1))`;
