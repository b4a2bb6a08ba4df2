import type { Refusal } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import { around, dependentsOf, reasonsText } from "../compare/dependents.ts";
import { REWRITE, rewritten } from "../compare/rewrites.ts";
import { isWidening } from "../compare/widening.ts";
import type { Scratch } from "../compare/scratch_schema.ts";
import { typeText } from "../../schema/recreate.ts";
import { alterType } from "../steps/column_types.ts";
import type { DecisionContext } from "./decision_context.ts";
import { hasMoreRows } from "./existing_rows.ts";
import { anew, isComputed } from "./refused_filling.ts";
import { refusedIdentity } from "./refused_identity.ts";
import { sketchOfTypes } from "./replaced_together.ts";

/** The rows of a table up to which the server may rewrite it while others wait. */
const MOST_ROWS = 10_000;

/** What a decision about a type depends on. */
type TypeContext = Pick<
  DecisionContext,
  "scratch" | "current" | "renames" | "changes"
>;

/** Returns the number of rows up to which a change of type may rewrite its table; undefined if it does not rewrite it. */
export async function rewriteLimit(
  change: ChangeOf<"type">,
  { scratch, current }: TypeContext,
): Promise<number | undefined> {
  const live = current.get(change.table);
  return live !== undefined &&
      isWholeRewritten(live, await rewrittenBy(change, live, scratch))
    ? MOST_ROWS
    : undefined;
}

/** Returns whether the server rewrites a table or one of its keys; undefined files are those of a change that it refuses. */
function isWholeRewritten(
  { name, constraints }: LiveTable,
  files: ReadonlySet<string> | undefined,
): boolean {
  return files === undefined ||
    !files.isDisjointFrom(
      new Set([name, ...constraints.map(({ name }) => name)]),
    );
}

/** Returns whether a table has few rows, and so have the tables that foreign keys connect with it, whose rows the server checks again. */
async function isSmall(
  { name, constraints }: LiveTable,
  context: TypeContext,
): Promise<boolean> {
  const connected = new Set([
    name,
    ...constraints.flatMap(({ table }) => table ?? []),
    ...[...context.current.values()].filter(({ constraints }) =>
      constraints.some(({ table }) => table === name)
    ).map(({ name }) => name),
  ]);
  for (const table of connected) {
    if (await hasMoreRows(table, MOST_ROWS, context)) return false;
  }
  return true;
}

/** Whether changes block their tables for long: that of one change is asked for with each column that it is connected with. */
const decided = new WeakMap<ChangeOf<"type">, Promise<boolean>>();

/** Returns whether only a second column can change the type without blocking the table while its rows are rewritten. */
export async function needsSecondColumn(
  change: ChangeOf<"type">,
  context: TypeContext,
): Promise<boolean> {
  return !isComputed(change.from) && !isComputed(change.to) &&
    await rewritesMany(change, context);
}

/** Returns whether the server would rewrite a table that is not small, or change values, or cannot change the type. */
function rewritesMany(
  change: ChangeOf<"type">,
  context: TypeContext,
): Promise<boolean> {
  const known = decided.get(change);
  if (known !== undefined) return known;
  const decision = decide(change, context);
  decided.set(change, decision);
  return decision;
}

async function decide(
  change: ChangeOf<"type">,
  context: TypeContext,
): Promise<boolean> {
  const { table, from, to } = change;
  const live = context.current.get(table);
  if (live === undefined) return false;
  const files = await rewrittenBy(change, live, context.scratch);
  if (files === undefined) return true;
  if (!files.has(table)) return false;
  const isEnum = from.values !== null || to.values !== null;
  return isEnum || !isWidening(from.type, to.type) ||
    !await isSmall(live, context);
}

/** Returns why the type of a column cannot be changed in place; undefined if it can. */
export async function refusedType(
  change: ChangeOf<"type">,
  context: TypeContext,
): Promise<Refusal | undefined> {
  const { scratch, current } = context;
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
  if (await rewritesMany(change, context)) {
    const isReplaced = (other: ChangeOf<"type">): Promise<boolean> =>
      needsSecondColumn(other, context);
    return {
      change: `${text}: ${REWRITE}`,
      sketch: await isReplaced(change)
        ? await sketchOfTypes(change, context, isReplaced)
        : anew(change),
    };
  }
  const { replicaIdentity: identity } = live;
  if (identity !== null && files?.has(identity)) {
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
