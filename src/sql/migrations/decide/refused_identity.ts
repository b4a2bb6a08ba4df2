import type { Refusal } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import { differenceOf } from "../../schema/difference_of.ts";
import type { DecisionContext } from "./decision_context.ts";

type Current = Pick<DecisionContext, "current">;

/** Refuses to change the replica identity of a table: without it, rows of a published table cannot be updated or deleted, and the server does not adopt a new index in its place. */
export function refusedIdentity(
  table: string,
  index: string,
  { current }: Current,
): Refusal | undefined {
  if (current.get(table)?.replicaIdentity !== index) return undefined;
  return {
    change: `change or drop ${
      managedName.rule(table, index)
    }: it is the replica identity of ${table}`,
    sketch: withoutIdentity(table),
  };
}

/** Refuses to let a column of the replica identity be null. */
export function nullableIdentity(
  change: ChangeOf<"nullability">,
  context: Current,
): Refusal | undefined {
  const { table, to } = change;
  const identity = to.nullable
    ? identityWith(table, to.name, context)
    : undefined;
  return identity === undefined ? undefined : {
    change: `${
      differenceOf(change).change
    }: it is a column of ${identity}, the replica identity of ${table}`,
    sketch: withoutIdentity(table),
  };
}

/** Returns the replica identity of a table if it includes a column. */
export function identityWith(
  table: string,
  column: string,
  { current }: Current,
): string | undefined {
  const { replicaIdentity = null, indexes = [], constraints = [] } =
    current.get(table) ?? {};
  const isIncluded = [...indexes, ...constraints].some(({ name, columns }) =>
    name === replicaIdentity && columns.includes(column)
  );
  return isIncluded ? replicaIdentity ?? undefined : undefined;
}

function withoutIdentity(table: string): string {
  return `ALTER TABLE ${named(table)} REPLICA IDENTITY FULL;
-- Make the change here. Then name a unique index over columns that are NOT NULL:
ALTER TABLE ${named(table)} REPLICA IDENTITY USING INDEX …;`;
}
