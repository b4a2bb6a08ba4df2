import type { Refusal } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import { around, dependentsOf, reasonsText } from "../compare/dependents.ts";
import { REWRITE, rewritten } from "../compare/rewrites.ts";
import type { Scratch } from "../compare/scratch_schema.ts";
import { typeText } from "../../schema/recreate.ts";
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
  const [before, after] = from.collation === to.collation
    ? [from.type, to.type]
    : [from, to].map(typeText);
  const text = `change the type of ${name} from ${before} to ${after}`;
  const files = await rewrittenBy(change, live, scratch);
  const keys = new Set([table, ...live.constraints.map(({ name }) => name)]);
  if (
    files !== undefined && !files.has(table) && !files.isDisjointFrom(keys)
  ) {
    return refusedKeyRebuild(change, text, [...files.intersection(keys)], live);
  }
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

/** Returns the refusal of a change that keeps the rows, but rebuilds the indexes of keys, as a change of the collation does. */
function refusedKeyRebuild(
  { table, from, to }: ChangeOf<"type">,
  text: string,
  keys: readonly string[],
  live: LiveTable,
): Refusal {
  const indexes = keys.toSorted().join(", ");
  const dependents = dependentsOf(live, to.name);
  const why =
    `it keeps the rows of ${table}, and nobody can use the table while the server rebuilds ${indexes}`;
  return {
    change:
      `${text}: the server would rebuild ${indexes}, and nobody could use ${table} meanwhile`,
    sketch: `-- dbp:ignore alter-type ${why}
-- dbp:step statement_timeout=1h
${around(dependents, `${alterType(table, from, to)};`)}`,
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
