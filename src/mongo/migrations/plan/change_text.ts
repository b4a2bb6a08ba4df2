import { indexInWords } from "../../schema/collection.ts";
import { inWords, type Rule, ruleOf } from "../../schema/validator_rules.ts";
import type { Live } from "../compare/live_collections.ts";
import { liveInWords } from "../compare/expiring_documents.ts";
import type { FieldChange } from "../steps/fields.ts";
import type { IndexPlan } from "../steps/indexes.ts";
import type { Part } from "../steps/part.ts";

/** What was found to be different about a collection. */
export interface Found {
  /** Its name, once a rename is made. */
  readonly name: string;
  readonly live: Live;
  readonly fields: readonly FieldChange[];
  /** Fields that are new. */
  readonly come: readonly string[];
  /** From old fields to new ones. */
  readonly renames: ReadonlyMap<string, string>;
  /** Fields that no model has any more. */
  readonly gone: readonly string[];
  /** Those of them that go with their values. */
  readonly unset: readonly string[];
  readonly indexes: IndexPlan;
  readonly way: Pick<Part, "up">;
}

/** What is different, a line each. */
export function changesOf(
  { name, live, fields, renames, gone, unset, indexes, way }: Found,
): string[] {
  const { create, dropFirst, dropLast, convert, show } = indexes;
  const lines = [
    ...live.validator === undefined ? [`${name} gets rules`] : [],
    ...[...renames].map(([from, to]) =>
      `${name}.${from} becomes ${name}.${to}`
    ),
    ...live.validator === undefined
      ? []
      : fields.flatMap(({ field, rule }) =>
        fieldInWords(`${name}.${field.column}`, rule, ruleOf(field))
      ),
    ...gone.map((column) =>
      unset.includes(column)
        ? `${name}.${column} goes, with its values`
        : `${name}.${column} has no rule any more; documents keep what they have`
    ),
    ...live.level === "strict" && live.action === "error" ? [] : [
      `${name}: validation becomes strict and error, not ${live.level} and ${live.action}`,
    ],
    ...[...dropFirst, ...dropLast].map((index) =>
      `${name}: the index ${liveInWords(index)} goes`
    ),
    ...create.map((index) => `${name}: the index ${indexInWords(index)} comes`),
    ...convert.map((index) =>
      `${name}: the index ${indexInWords(index)} becomes unique`
    ),
    ...show.map((index) =>
      `${name}: the index ${indexInWords(index)} is shown`
    ),
  ];
  return lines.length === 0 && way.up.length > 0
    ? [`${name}: descriptions in its rules are different`]
    : lines;
}

function fieldInWords(
  name: string,
  before: Rule | undefined,
  after: Rule,
): string[] {
  if (before === undefined) return [`${name} (${inWords(after)}) comes`];
  return [
    ...inWords(before) === inWords(after)
      ? []
      : [`${name} was ${inWords(before)} and becomes ${inWords(after)}`],
    ...before.nullable === after.nullable
      ? []
      : [`${name} ${after.nullable ? "may be" : "may not be"} null any more`
        .replace("may be null any more", "may be null")],
  ];
}

/** Words for the migration's name. */
export function namesOf(
  { name, come, renames, gone, indexes }: Found,
): string[] {
  return [
    ...come.map((column) => `add_${name}_${column}`),
    ...[...renames].map(([from]) => `rename_${name}_${from}`),
    ...gone.map((column) => `drop_${name}_${column}`),
    ...come.length + renames.size + gone.length > 0 ? [] : [
      ...indexes.create.map((index) => `add_${index.name}`),
      ...indexes.dropLast.map((index) => `drop_${index.name}`),
    ],
    `change_${name}`,
  ].slice(0, 1);
}
