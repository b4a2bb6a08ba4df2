import type { Condition } from "../../query/statement/condition.ts";
import { hasKeyOf } from "../../query/statement/has_key_of.ts";
import type {
  DeleteStatement,
  UpdateEachStatement,
} from "../../query/statement/statement.ts";
import { keyIdentity } from "../compile/keys.ts";

/** A change of rows that it finds by their keys. */
export type KeyedStatement = UpdateEachStatement | DeleteStatement;

type KeysCondition = Extract<Condition, { readonly kind: "keys" }>;

/** Whether a statement finds rows by their versions too. */
export function isVersioned(statement: KeyedStatement): boolean {
  const condition = keysConditionOf(statement);
  return condition !== undefined &&
    condition.fields.length > statement.model.primaryKey.length;
}

/** Returns how many rows of a statement have another version once the earlier statements are executed. */
export function countOvertaken(
  statement: KeyedStatement,
  earlier: readonly KeyedStatement[],
): number {
  if (!isVersioned(statement)) return 0;
  const changed = new Set(
    earlier.flatMap((other) =>
      other.model.table === statement.model.table ? rowIdentities(other) : []
    ),
  );
  return rowIdentities(statement).filter((row) => changed.has(row)).length;
}

/** Returns texts that are equal for the same rows of a collection. */
function rowIdentities(
  statement: KeyedStatement,
): readonly (string | undefined)[] {
  const { length } = statement.model.primaryKey;
  const keys = keysConditionOf(statement)?.keys ?? [];
  return keys.map((key) => keyIdentity(key.slice(0, length)));
}

/** Returns the condition that lists the keys of a statement; middleware may have added others. */
export function keysConditionOf(
  statement: KeyedStatement,
): KeysCondition | undefined {
  return statement.kind === "updateEach"
    ? hasKeyOf(statement)
    : keysIn(statement.where);
}

/** Returns the list of keys that a condition requires; undefined if it has none. */
export function keysIn(where: Condition): KeysCondition | undefined {
  if (where.kind === "keys") return where;
  if (where.kind !== "and") return undefined;
  for (const term of where.terms) {
    const keys = keysIn(term);
    if (keys !== undefined) return keys;
  }
  return undefined;
}
