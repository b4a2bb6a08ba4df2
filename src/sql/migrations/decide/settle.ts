import type { Decision } from "../../../engine/migrations/mod.ts";
import type { Refusal } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import type { Change, ChangeOf } from "../../schema/change.ts";
import { named } from "../../codec/quote.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import { columnText } from "../../schema/recreate.ts";
import { rewritten } from "../compare/rewrites.ts";
import type { DecisionContext } from "./decision_context.ts";
import { givenValue, hasRows, modelDefault } from "./existing_rows.ts";
import { refusal } from "./refusal.ts";
import { rewriteLimit, rewrittenBy } from "./refused_types.ts";

/** Changes ready to generate, changes refused with a sketch, and questions for the user. */
interface Settled {
  readonly changes: readonly Change[];
  readonly refused: readonly Refusal[];
  readonly decisions: readonly Decision[];
}

/** Resolves each change: checks it against the live server and the models. */
export async function settle(context: DecisionContext): Promise<Settled> {
  const changes: Change[] = [];
  const refused: Refusal[] = [];
  const decisions: Decision[] = [];
  for (const change of context.changes) {
    const refusedChange = await refusal(change, context);
    if (refusedChange !== undefined) {
      refused.push(refusedChange);
      continue;
    }
    const settled = await settleOne(change, context);
    if ("question" in settled) decisions.push(settled);
    else for (const made of settled) changes.push(made);
  }
  return {
    changes: await withRebuiltIndexes(changes, context),
    refused,
    decisions,
  };
}

async function settleOne(
  change: Change,
  context: DecisionContext,
): Promise<readonly Change[] | Decision> {
  switch (change.kind) {
    case "column":
      return change.to === undefined
        ? [change]
        : await addedColumn(change, change.to, context);
    case "nullability":
      return change.to.nullable ? [change] : await required(change, context);
    case "type": {
      const mostRows = await rewriteLimit(change, context);
      return [
        mostRows === undefined ? change : { ...change, mostRows },
        ...replacedChecks(change, context),
      ];
    }
    default:
      return [change];
  }
}

async function addedColumn(
  change: ChangeOf<"column">,
  column: LiveColumn,
  context: DecisionContext,
): Promise<readonly Change[] | Decision> {
  const { table } = change;
  const given = await givenValue(table, column, context);
  if (given !== undefined) return [{ ...change, fill: given }];
  if (column.generated !== null) return [change];
  if (column.default !== null) {
    const live = context.current.get(table);
    const files = live && await rewritten(context.scratch, live, [
      `ALTER TABLE ${named(table)} ADD COLUMN ${columnText(column)}`,
    ]);
    return [{ ...change, slow: files !== undefined && files.size > 0 }];
  }
  if (column.nullable) return [change];
  const fill = modelDefault(table, column.name, context);
  if (fill !== undefined) return [{ ...change, fill }];
  return await hasRows(table, undefined, context)
    ? valueQuestion(
      `Which value do the existing rows of ${table} get in`,
      "which may not be null?",
      managedName.column(table, column.name),
    )
    : [change];
}

async function required(
  change: ChangeOf<"nullability">,
  context: DecisionContext,
): Promise<readonly Change[] | Decision> {
  const { table, to: column } = change;
  const fill = await givenValue(table, column, context) ??
    (column.default === null
      ? modelDefault(table, column.name, context)
      : "DEFAULT");
  if (fill !== undefined) return [{ ...change, fill }];
  return await hasRows(table, column.name, context)
    ? valueQuestion(
      "Which value replaces null in",
      "which may no longer be null?",
      managedName.column(table, column.name),
    )
    : [change];
}

function valueQuestion(start: string, end: string, name: string): Decision {
  return {
    question: `${start} ${name}, ${end}`,
    options: [`--default ${name}=VALUE`, `.nullable() in the model`],
  };
}

/** Returns the CHECK constraints of a column whose type changes: they are added again, so that rows are not checked while reads are blocked. */
function replacedChecks(
  { table, to }: ChangeOf<"type">,
  { changes, current }: DecisionContext,
): Change[] {
  const changed = new Set(changes.map((change) => {
    switch (change.kind) {
      case "constraint":
        return change.from?.name;
      case "rename":
        return change.what === "constraint" ? change.from : undefined;
      default:
        return undefined;
    }
  }));
  const { constraints = [] } = current.get(table) ?? {};
  return constraints.filter(({ kind, name, columns }) =>
    kind === "check" && columns.includes(to.name) && !changed.has(name)
  ).map((check) => ({
    kind: "constraint",
    table,
    from: check,
    to: check,
  }));
}

/** Returns the changes, with indexes that do not fit the new type of a column rebuilt before and after it. */
async function withRebuiltIndexes(
  changes: readonly Change[],
  { scratch, current }: DecisionContext,
): Promise<readonly Change[]> {
  const rebuilt = new Map<string, ChangeOf<"rebuild">>();
  for (const change of changes) {
    // The server rebuilds all indexes of a table that it rewrites.
    if (change.kind !== "type" || change.mostRows !== undefined) continue;
    const { table } = change;
    const live = current.get(table);
    if (live === undefined) continue;
    const files = await rewrittenBy(change, live, scratch);
    for (const index of live.indexes) {
      const { name } = index;
      const other = changes.find((other) =>
        (other.kind === "index" && other.from?.name === name) ||
        (other.kind === "rename" && other.what === "index" &&
          other.from === name)
      );
      const isDropped = other?.kind === "index" && other.to === undefined;
      if (files?.has(name) !== true || isDropped) continue;
      const from = other?.kind === "rename"
        ? { ...index, name: other.to }
        : index;
      const to = (other?.kind === "index" ? other.to : undefined) ?? from;
      rebuilt.set(name, { kind: "rebuild", table, from, to });
    }
  }
  return [
    ...changes.filter((change) =>
      change.kind !== "index" || change.from === undefined ||
      change.to === undefined || !rebuilt.has(change.from.name)
    ),
    ...rebuilt.values(),
  ];
}
