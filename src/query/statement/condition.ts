import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Region } from "../../sky/region.ts";
import type { PositionFields } from "./position.ts";

/** A condition on rows, true or false for each: a comparison with null is false, and `not` inverts it. */
export type Condition =
  | { readonly kind: "all" }
  | { readonly kind: "none" }
  | {
    readonly kind: "compare";
    readonly field: Field;
    readonly operator: Comparison;
    readonly value: unknown;
    /** Whether `eq` compares as the order of rows does, which can distinguish texts that the column holds equal. */
    readonly inOrder?: true;
    /** The key of the row that has the value, if it has one: its column can be finer than the value, and then the database compares with the column. */
    readonly rowKey?: readonly (readonly [Field, unknown])[] | undefined;
  }
  | {
    readonly kind: "in";
    readonly field: Field;
    readonly values: readonly unknown[];
  }
  | { readonly kind: "null"; readonly field: Field }
  | {
    readonly kind: "like";
    readonly field: Field;
    readonly pattern: string;
    /** Whether ASCII letters match in both cases. */
    readonly ignoresCase?: true;
  }
  /** An array contains all values, or at least one of them. */
  | {
    readonly kind: "contains" | "containsAny";
    readonly field: Field;
    readonly values: readonly unknown[];
  }
  /**
   * The value at a path within a JSON field compares with a value of the same
   * JSON type; another type is false. A missing value is null, and only null
   * equals it. Only numbers and texts have an order.
   */
  | {
    readonly kind: "path";
    readonly field: Field;
    readonly path: JsonPath;
    readonly operator: Exclude<Comparison, "ne">;
    readonly value: unknown;
  }
  /** A related row satisfies a condition. A null in the row's own fields has no related rows. */
  | {
    readonly kind: "related";
    readonly target: AnyModel;
    /** Fields of the row, and the equal fields of the related rows, in the same order. */
    readonly local: readonly Field[];
    readonly foreign: readonly Field[];
    readonly where: Condition;
  }
  /** The position of the row is within a region. A row whose position is null, or none, is within no region. */
  | {
    readonly kind: "sky";
    readonly position: PositionFields;
    readonly region: Region;
  }
  | {
    readonly kind: "keys";
    readonly fields: readonly Field[];
    readonly keys: readonly (readonly unknown[])[];
  }
  | { readonly kind: "and" | "or"; readonly terms: readonly Condition[] }
  | { readonly kind: "not"; readonly term: Condition };

/** Keys of objects, and indexes of arrays as numbers. */
export type JsonPath = readonly (string | number)[];

/** The comparison operators; `ne` is true for rows whose field is null. */
export type Comparison = "eq" | "ne" | "gt" | "gte" | "lt" | "lte";

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

/** A condition that is no combination of others. */
type Leaf = Exclude<Condition, { readonly kind: "and" | "or" | "not" }>;

/** Whether a test is true for one of the leaves of a condition. */
function someLeaf(
  condition: Condition,
  test: (leaf: Leaf) => boolean,
): boolean {
  switch (condition.kind) {
    case "and":
    case "or":
      return condition.terms.some((term) => someLeaf(term, test));
    case "not":
      return someLeaf(condition.term, test);
    default:
      return test(condition);
  }
}

/** Returns the leaves of a condition. */
export function leavesOf(condition: Condition): readonly Leaf[] {
  const leaves: Leaf[] = [];
  someLeaf(condition, (leaf) => leaves.push(leaf) < 0);
  return leaves;
}

/** Returns the fields of the row that a condition compares. */
export function comparedFields(condition: Condition): readonly Field[] {
  return leavesOf(condition).flatMap((leaf) => {
    switch (leaf.kind) {
      case "all":
      case "none":
        return [];
      case "keys":
        return leaf.fields;
      case "related":
        return leaf.local;
      case "sky":
        return [leaf.position.ra, leaf.position.dec];
      default:
        return [leaf.field];
    }
  });
}

/** Whether related rows decide whether a condition holds. */
export function hasRelations(condition: Condition): boolean {
  return someLeaf(condition, ({ kind }) => kind === "related");
}

/** Returns the models whose rows decide whether a condition holds, besides the model of its rows. */
export function relatedModels(condition: Condition): readonly AnyModel[] {
  return leavesOf(condition).flatMap((leaf) =>
    leaf.kind === "related" ? [leaf.target, ...relatedModels(leaf.where)] : []
  );
}

/** Whether the position of rows decides whether a condition holds. */
export function hasPositions(condition: Condition): boolean {
  return someLeaf(condition, (leaf) =>
    leaf.kind === "sky" ||
    (leaf.kind === "related" && hasPositions(leaf.where)));
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
