import type { Refusal } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import { around, dependentsOf, reasonsText } from "../compare/dependents.ts";
import { REWRITE, rewritten } from "../compare/rewrites.ts";
import type { Scratch } from "../compare/scratch_schema.ts";
import { alterType, otherColumnSketch } from "../steps/column_types.ts";
import type { DecisionContext } from "./decision_context.ts";
import { refusedIdentity } from "./refused_identity.ts";

/** Returns why the type of a column cannot be changed in place; undefined if it can. */
export async function refusedType(
  change: ChangeOf<"type">,
  { scratch, current }: Pick<DecisionContext, "scratch" | "current">,
): Promise<Refusal | undefined> {
  const { table, from, to } = change;
  const name = managedName.column(table, to.name);
  const live = current.get(table);
  if (live === undefined) return undefined;
  const text = `change the type of ${name} from ${from.type} to ${to.type}`;
  const files = await rewrittenBy(change, live, scratch);
  const keys = new Set([table, ...live.constraints.map(({ name }) => name)]);
  if (files === undefined || !files.isDisjointFrom(keys)) {
    return {
      change: `${text}: ${REWRITE}`,
      sketch: otherColumnSketch(change, live),
    };
  }
  const { replicaIdentity: identity } = live;
  if (identity !== null && files.has(identity)) {
    return refusedIdentity(table, identity, { current });
  }
  const dependents = dependentsOf(live, to.name);
  return dependents.length === 0 ? undefined : {
    change: `${text}: ${reasonsText(dependents)}`,
    sketch: around(dependents, `${alterType(table, from, to)};`),
  };
}

/** Returns the files that a change of type rewrites; CHECK constraints do not count, because they are added again in steps of their own. */
export function rewrittenBy(
  { table, from, to }: ChangeOf<"type">,
  live: LiveTable,
  scratch: Scratch,
): Promise<ReadonlySet<string> | undefined> {
  const constraints = live.constraints.filter(({ kind }) => kind !== "check");
  return rewritten(scratch, { ...live, constraints }, [
    alterType(table, from, to),
  ]);
}
