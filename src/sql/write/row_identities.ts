import { canonical, keyText } from "../../model/canonical.ts";
import type { Field } from "../../model/field.ts";
import { typeProblem } from "../../model/value_problem.ts";
import { valueOf } from "../../query/write/values.ts";
import type { OwnReference } from "./own_references.ts";

/** Texts that are equal for rows of one call that depend on each other. */
interface Identities {
  /** Those of the keys of a row. */
  readonly own: readonly string[];
  /** Those of the rows that must not be written after it: with its keys, or that it refers to. */
  readonly needed: readonly string[];
}

/** By what the rows of a call depend on each other. */
interface Dependencies {
  readonly keys: readonly (readonly Field[])[];
  readonly references: readonly OwnReference[];
}

/** Returns the function that returns the identities of a row. */
export function rowIdentities(
  { keys, references }: Dependencies,
): (row: object) => Identities {
  return (row) => {
    const own = keys.map((key, at) => identityOf(row, `key ${at}`, key));
    if (references.length === 0) return { own, needed: own };
    const parents = references.map(({ fields }, at) =>
      identityOf(row, `reference ${at}`, fields)
    );
    const referenced = references.map(({ referenced }, at) =>
      identityOf(row, `reference ${at}`, referenced)
    );
    const all = [...own, ...referenced];
    return { own: all, needed: [...all, ...parents] };
  };
}

function identityOf(
  row: object,
  name: string,
  fields: readonly Field[],
): string {
  return keyText([name, ...fields.map((field) => canonicalValue(row, field))]);
}

/** Returns a value in canonical form, or unchanged if it is invalid. Two generated values may be equal, so all count as equal. */
function canonicalValue(row: object, field: Field): unknown {
  if (field.filled === "generated") return undefined;
  const value = valueOf(row, field);
  return typeProblem(field.type, value) === undefined
    ? canonical(field.type, value)
    : value;
}
