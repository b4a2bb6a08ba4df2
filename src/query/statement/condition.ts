import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition, UpdateEachStatement } from "./statement.ts";

/** Matches every row. */
export const ALL: Condition = Object.freeze({ kind: "all" });
/** Matches no row. */
export const NONE: Condition = Object.freeze({ kind: "none" });

/** Matches rows that satisfy all terms. Terms that match every row are left out. */
export function all(given: readonly Condition[]): Condition {
  const terms = given.filter(({ kind }) => kind !== "all");
  const [only] = terms;
  if (only === undefined) return ALL;
  return terms.length === 1 ? only : Object.freeze({ kind: "and", terms });
}

/** Matches rows that do not satisfy a term. */
export function not(term: Condition): Condition {
  return Object.freeze({ kind: "not", term });
}

/** Whether a condition matches every row, whatever the values of the row are, such as `notIn: []`. */
export function isAll(condition: Condition): boolean {
  switch (condition.kind) {
    case "and":
      return condition.terms.every(isAll);
    case "or":
      return condition.terms.some(isAll);
    case "not":
      return isNone(condition.term);
    default:
      return condition.kind === "all";
  }
}

/** Whether a condition matches no row, whatever the values of the row are. */
function isNone(condition: Condition): boolean {
  switch (condition.kind) {
    case "and":
      return condition.terms.some(isNone);
    case "or":
      return condition.terms.every(isNone);
    case "not":
      return isAll(condition.term);
    case "related":
      return isNone(condition.where);
    default:
      return condition.kind === "none";
  }
}

/** Matches rows whose field is null. */
export function isNull(field: Field): Condition {
  return Object.freeze({ kind: "null", field });
}

/** Whether related rows decide whether a condition holds. */
export function hasRelations(condition: Condition): boolean {
  switch (condition.kind) {
    case "and":
    case "or":
      return condition.terms.some(hasRelations);
    case "not":
      return hasRelations(condition.term);
    default:
      return condition.kind === "related";
  }
}

/** Returns the models whose rows decide whether a condition holds, besides the model of its rows. */
export function relatedModels(condition: Condition): readonly AnyModel[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return condition.terms.flatMap(relatedModels);
    case "not":
      return relatedModels(condition.term);
    case "related":
      return [condition.target, ...relatedModels(condition.where)];
    default:
      return [];
  }
}

/** Matches the rows that have one of these keys of a relation. */
export function hasKeys(
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
): Condition {
  const [only] = fields;
  return Object.freeze(
    fields.length === 1 && only !== undefined
      ? { kind: "in", field: only, values: keys.map(([value]) => value) }
      : { kind: "keys", fields, keys },
  );
}

/** Matches the rows that have one of the primary keys. */
export function hasPrimaryKey(
  model: AnyModel,
  keys: readonly (readonly unknown[])[],
): Condition {
  const fields = fieldsNamed(model, model.primaryKey);
  return Object.freeze({ kind: "keys", fields, keys });
}

/** Matches the rows that an update finds by their keys. */
export function hasKeyOf({ key, changes }: UpdateEachStatement): KeysCondition {
  return {
    kind: "keys",
    fields: key,
    keys: changes.map(({ key }) => key),
  };
}

type KeysCondition = Extract<Condition, { readonly kind: "keys" }>;

/** Returns the fields that a condition sets equal to a value other than null, with those values. */
export function equalities(where: Condition): ReadonlyMap<Field, unknown> {
  const terms = where.kind === "and" ? where.terms : [where];
  const found = new Map<Field, unknown>();
  for (const term of terms) {
    if (term.kind === "compare" && term.operator === "eq") {
      found.set(term.field, term.value);
    }
  }
  return found;
}
