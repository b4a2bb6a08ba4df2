import type { Direction, Draft } from "../../../engine/migrations/mod.ts";
import { draftOf, irreversibleText } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import {
  type Change,
  type ChangeOf,
  type Kind,
  reversed,
} from "../../schema/change.ts";
import type { Tables } from "../compare/scratch_schema.ts";
import { withBackfills } from "./backfill.ts";
import { commentSteps, defaultSteps } from "./column_defaults.ts";
import { typeSteps } from "./column_types.ts";
import { columnSteps } from "./columns.ts";
import { constraintSteps } from "./constraints.ts";
import { fillingSteps } from "./filling.ts";
import { indexSteps, rebuildSteps } from "./indexes.ts";
import { nullabilitySteps } from "./not_null.ts";
import { partitionSteps } from "./partitions.ts";
import { type FileContext, inOrder, type SqlStep } from "./planned_step.ts";
import { renameSteps } from "./renames.ts";
import { tableSteps, withDroppedTables } from "./tables.ts";

/** The steps that make a change, by its kind and in both directions. */
const STEPS: {
  readonly [K in Kind]: (
    change: ChangeOf<K>,
    context: FileContext,
  ) => readonly SqlStep[];
} = {
  table: tableSteps,
  column: columnSteps,
  type: typeSteps,
  filling: fillingSteps,
  nullability: nullabilitySteps,
  default: defaultSteps,
  comment: commentSteps,
  constraint: constraintSteps,
  index: indexSteps,
  rebuild: rebuildSteps,
  partition: partitionSteps,
  // Always refused with a sketch.
  partitioning: () => [],
  rename: renameSteps,
};

/** What drafts depend on besides the changes. */
interface Drafting {
  readonly version: number;
  /** The existing tables under their new names. */
  readonly current: Tables;
  /** The tables that the models define. */
  readonly wanted: Tables;
}

/** Returns the up and the down file of some changes. */
export function draftsOf(
  changes: readonly Change[],
  { version, current, wanted }: Drafting,
): { readonly up: Draft; readonly down: Draft } {
  const tables = new Map([...wanted, ...withNewPartitions(current, changes)]);
  const draft = (
    direction: Direction,
    changes: readonly Change[],
  ): Draft => {
    const context = { direction, version, changes, tables };
    const steps = changes.flatMap((change) => stepsOf(change, context));
    const { requires, ...header } = draftOf(steps);
    return {
      ...header,
      requires: requires.includes("pg>=18") ? ["pg>=18"] : requires,
      steps: inOrder(
        withDroppedTables(withBackfills(steps, tables)),
        direction,
      ),
    };
  };
  return {
    up: draft("up", changes),
    down: {
      ...draft("down", changes.toReversed().map(reversed)),
      irreversible: irreversibleText(changes.flatMap(lostObjects)),
    },
  };
}

function stepsOf<K extends Kind>(
  change: ChangeOf<K>,
  context: FileContext,
): readonly SqlStep[] {
  return STEPS[change.kind](change, context);
}

/** Returns the tables with the new names of renamed partitions, which are renamed first in an up and last in a down migration. */
function withNewPartitions(tables: Tables, changes: readonly Change[]): Tables {
  const names = new Map(
    changes.flatMap((change) =>
      change.kind === "rename" && change.what === "partition"
        ? [[change.from, change.to] as const]
        : []
    ),
  );
  return new Map(
    [...tables].map(([name, table]) => [name, {
      ...table,
      parts: table.parts.map((part) => ({
        ...part,
        name: names.get(part.name) ?? part.name,
      })),
    }]),
  );
}

/** Returns the dropped tables and columns. */
function lostObjects(change: Change): string[] {
  if (change.kind === "table" && change.to === undefined) return [change.table];
  return change.kind === "column" && change.to === undefined
    ? [managedName.column(change.table, change.from?.name ?? "")]
    : [];
}
