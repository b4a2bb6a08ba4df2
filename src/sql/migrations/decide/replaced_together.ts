import { messageOf } from "../../../base/errors/mod.ts";
import { printable } from "../../../base/errors/printable.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import { list, named } from "../../codec/quote.ts";
import type { Change, ChangeOf } from "../../schema/change.ts";
import { createTable } from "../../schema/recreate.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import { aside } from "../../link/run.ts";
import { carriedSettings } from "../compare/carried_settings.ts";
import {
  runAll,
  type Scratch,
  scratchTables,
} from "../compare/scratch_schema.ts";
import { type Described, freeNames } from "../steps/replacement.ts";
import { replacementSketch } from "../steps/replacement_sketch.ts";
import type { DecisionContext } from "./decision_context.ts";

type TypeChange = ChangeOf<"type">;
type Context = Pick<
  DecisionContext,
  "scratch" | "current" | "changes" | "renames"
>;

/**
 * Returns the sketch of a type that the server cannot change in place. It
 * changes the types of all columns that foreign keys connect, and of the other
 * columns of their tables, because each of these would do the same work.
 *
 * @param isReplaced whether a change needs a second column
 */
export async function sketchOfTypes(
  change: TypeChange,
  context: Context,
  isReplaced: (change: TypeChange) => Promise<boolean>,
): Promise<string> {
  const together = await replacedTogether(change, context, isReplaced);
  const [first = change] = together;
  const name = ({ table, to }: TypeChange) =>
    managedName.column(table, to.name);
  if (first !== change) {
    return `-- The sketch of ${name(first)} changes ${name(change)} too.`;
  }
  const { scratch, current, renames } = context;
  const described: Described[] = [];
  for (const [table, changes] of Map.groupBy(together, ({ table }) => table)) {
    const existing = current.get(table);
    if (existing === undefined) continue;
    const freeName = freeNames([existing]);
    const columns = changes.map(({ from, to }) => ({
      from,
      to,
      second: freeName(`${to.name}_new`),
    }));
    const live = withWantedRules(existing, changes, context);
    const renamed = await withSecondNames(scratch, live, columns);
    if (typeof renamed === "string") return failedRules(live, renamed);
    if (renamed.partition !== live.partition) {
      return inPartitionKey(live, columns);
    }
    const carried = await carriedSettings(scratch, table, [
      ...columns.map(({ to }) => to.name),
      ...live.columns.filter(({ generated }) =>
        generated === "stored" || generated === "virtual"
      ).map(({ name }) => name),
    ]);
    described.push({ live, columns, renamed, carried });
  }
  const old = new Map([...renames.tables].map(([from, to]) => [to, from]));
  const isRenamed = described.some(({ live: { name } }) =>
    old.has(name) || (renames.columns.get(old.get(name) ?? name)?.size ?? 0) > 0
  );
  return `${
    isRenamed
      ? "-- Apply the migration of the new names first: this uses them.\n"
      : ""
  }${
    replacementSketch(described, { version: scratch.version, tables: current })
  }`;
}

/** Returns the changes of types that one sketch makes, in their order. */
async function replacedTogether(
  change: TypeChange,
  { changes, current }: Context,
  isReplaced: (change: TypeChange) => Promise<boolean>,
): Promise<readonly TypeChange[]> {
  const others = changes.flatMap((other) => other.kind === "type" ? other : []);
  const found = new Set([change]);
  for (const one of found) {
    for (const other of others) {
      if (
        !found.has(other) && areConnected(one, other, current) &&
        await isReplaced(other)
      ) found.add(other);
    }
  }
  return others.filter((other) => found.has(other));
}

function areConnected(
  one: TypeChange,
  other: TypeChange,
  current: Context["current"],
): boolean {
  return one.table === other.table || refers(one, other, current) ||
    refers(other, one, current);
}

/** Returns whether a foreign key refers from one column to the other. */
function refers(
  from: TypeChange,
  to: TypeChange,
  current: Context["current"],
): boolean {
  return current.get(from.table)?.constraints.some((key) =>
    key.kind === "foreign" && key.table === to.table &&
    key.columns.some((column, index) =>
      column === from.to.name && key.references?.[index] === to.to.name
    )
  ) ?? false;
}

/** Returns a table with the rules and indexes of the changed columns that the models define, which may fit only the new types. */
function withWantedRules(
  live: LiveTable,
  types: readonly TypeChange[],
  { changes }: Pick<Context, "changes">,
): LiveTable {
  let { constraints, indexes } = live;
  for (const change of changes) {
    if (
      change.table !== live.name || !types.some((type) => fits(change, type)) ||
      !usesOnly(change, live)
    ) continue;
    if (change.kind === "constraint") {
      constraints = replaced(constraints, change);
    } else if (change.kind === "index") {
      indexes = replaced(indexes, change);
    }
  }
  return { ...live, constraints, indexes };
}

function replaced<Rule extends { readonly name: string }>(
  rules: readonly Rule[],
  { from, to }: {
    readonly from: Rule | undefined;
    readonly to: Rule | undefined;
  },
): Rule[] {
  return [
    ...rules.filter(({ name }) => name !== from?.name),
    ...to === undefined ? [] : [to],
  ];
}

function fits(change: Change, { to }: TypeChange): boolean {
  return (change.kind === "constraint" || change.kind === "index") &&
    [change.from, change.to].some((rule) => rule?.columns.includes(to.name));
}

/** Returns whether a rule uses only columns that the table has. */
function usesOnly(change: Change, { columns }: LiveTable): boolean {
  const names = new Set(columns.map(({ name }) => name));
  return change.kind !== "constraint" && change.kind !== "index" ||
    (change.to?.columns ?? []).every((name) => names.has(name));
}

/** Returns whether the sketch of a type makes a change of a rule or a default too. */
export function isInSketch(
  change: Change,
  type: TypeChange,
  { current }: Pick<Context, "current">,
): boolean {
  const live = current.get(type.table);
  return live !== undefined && usesOnly(change, live);
}

/** Returns a table as the server describes it when columns have their new types and second names, or why it cannot. */
async function withSecondNames(
  scratch: Scratch,
  live: LiveTable,
  columns: Described["columns"],
): Promise<LiveTable | string> {
  const { tx, schema } = scratch;
  const copy = `${schema}.${named(live.name)}`;
  const types = new Map(columns.map(({ to }) => [to.name, to]));
  const changed = {
    ...live,
    columns: live.columns.map((column) => {
      const to = types.get(column.name);
      return to === undefined ? column : {
        ...column,
        type: to.type,
        collation: to.collation,
        generated: null,
        default: null,
      };
    }),
  };
  try {
    return await aside(tx, async () => {
      await runAll(tx, [
        `DROP TABLE IF EXISTS ${copy} CASCADE`,
        ...createTable(changed),
        ...columns.map(({ to, second }) =>
          `ALTER TABLE ${copy} RENAME COLUMN ${named(to.name)} TO ${
            named(second)
          }`
        ),
      ]);
      const tables = await scratchTables(scratch, [live.name]);
      return tables.get(live.name) ?? live;
    });
  } catch (error) {
    return messageOf(error);
  }
}

/** Describes that a rule or a computed column does not fit the new types. */
function failedRules({ name }: LiveTable, reason: string): string {
  const text = printable(reason.replaceAll(/\s+/g, " "));
  return `-- The keys, checks, indexes and computed columns of ${
    printable(name)
  } cannot be created with the new types, because the server refuses one of them: ${text}
-- Drop or change it first, then run make_migrations again, which prints the whole migration.`;
}

/** Describes what must be done if a column determines the partition of its row. */
function inPartitionKey(
  { name, partition, parts }: LiveTable,
  columns: Described["columns"],
): string {
  const next = named(`${name}_new`);
  const types = columns.map(({ to }) => `${named(to.name)} ${to.type}`);
  return `-- ${name} is partitioned by ${partition}. PostgreSQL can neither change the type of a column in a partition key nor drop it, so that no migration can replace it in ${name}.
-- Create another table that is partitioned in the same way, with ${
    types.join(", ")
  }:
--   CREATE TABLE ${next} (…) PARTITION BY ${partition};
-- Create its partitions like ${
    list(parts.map(({ name }) => name))
  }. Add a trigger on ${name} that writes to both tables, copy the rows partition by partition, and exchange the names of the tables in one step. The foreign keys to ${name} must then be dropped, and added to ${next} again.`;
}
