import { list } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import { addConstraint, createTable } from "../../schema/recreate.ts";
import { lostName } from "../file/destructive_names.ts";
import { needsVersion18 } from "./columns.ts";
import { renameIndex, unlessOccupied } from "./indexes.ts";
import {
  type FileContext,
  onSeveralTables,
  quick,
  type SqlStep,
  step,
} from "./planned_step.ts";

/** The order of the statements that create tables. */
const ORDER = { table: 0, key: 1, rows: 2 };

/** Creates or drops a table. */
export function tableSteps(
  change: ChangeOf<"table">,
  context: FileContext,
): SqlStep[] {
  const { from: dropped, to: added } = change;
  if (added !== undefined) return createSteps(added, change, context);
  return dropped === undefined ? [] : [{
    ...dropped.constraints.some(({ kind }) => kind === "foreign")
      ? onSeveralTables(step("remove", undefined))
      : step("remove", undefined),
    drop: dropped.name,
    comments: ownedTexts(dropped).map((owned) =>
      `Dropping ${dropped.name} also drops ${owned}.`
    ),
    destructive: [`drop-table ${lostName(dropped.name)}`],
  }];
}

/** Creates a table; its foreign keys to existing tables are added one by one. */
function createSteps(
  table: LiveTable,
  { seed = [] }: ChangeOf<"table">,
  context: FileContext,
): SqlStep[] {
  const { changes, direction } = context;
  const created = new Set(
    changes.flatMap((change) =>
      change.kind === "table" && change.to !== undefined ? [change.table] : []
    ),
  );
  const indexes = table.indexes.map((index) =>
    [index, unlessOccupied(index, context)] as const
  );
  const keys = table.constraints.filter(({ kind }) => kind === "foreign")
    .map((key) => ({
      isInside: key.table !== null && created.has(key.table),
      statement: addConstraint(table.name, key),
    }));
  const create = (rank: number, ...statements: readonly string[]): SqlStep => ({
    ...quick("create", undefined, ...statements),
    rank,
  });
  return [
    {
      ...create(
        ORDER.table,
        ...createTable({ ...table, indexes: indexes.map(([, made]) => made) }),
      ),
      ...table.columns.some(needsVersion18) ? { requires: ["pg>=18"] } : {},
      comments: direction === "up" ? [] : [
        `This restores the table ${table.name} without its rows${
          ownedTexts(table).map((owned) => `, ${owned}`).join("")
        }.`,
      ],
    },
    ...keys.filter(({ isInside }) => isInside)
      .map(({ statement }) => create(ORDER.key, statement)),
    ...direction === "up" && seed.length > 0
      ? [create(ORDER.rows, ...seed)]
      : [],
    ...indexes.flatMap(([index, made]) =>
      made === index ? [] : [renameIndex(table.name, made.name, index.name)]
    ),
    ...keys.filter(({ isInside }) => !isInside)
      .map(({ statement }) =>
        onSeveralTables(step("refer", table.name, statement))
      ),
  ];
}

/** Returns the steps, with all dropped tables in one statement, because they may refer to each other. */
export function withDroppedTables(steps: readonly SqlStep[]): SqlStep[] {
  const drops = steps.filter(({ drop }) => drop !== undefined);
  if (drops.length === 0) return [...steps];
  const dropping = step(
    "remove",
    undefined,
    `DROP TABLE ${list(drops.flatMap(({ drop }) => drop ?? []))}`,
  );
  const isOnSeveral = drops.length > 1 || drops[0]?.lockTimeout !== undefined;
  return [
    ...steps.filter(({ drop }) => drop === undefined),
    {
      ...isOnSeveral ? onSeveralTables(dropping) : dropping,
      comments: drops.flatMap(({ comments }) => comments ?? []),
    },
  ];
}

/** Returns what the server drops together with a table, and no model describes. */
function ownedTexts({ dependents, triggers, grantees }: LiveTable): string[] {
  return [
    ...dependents.filter(({ blocksDrop }) => !blocksDrop)
      .map(({ description }) => description),
    ...triggers.map(({ name }) => `trigger ${name}`),
    ...grantees.length === 0
      ? []
      : [`the privileges of ${grantees.join(", ")}`],
  ];
}
