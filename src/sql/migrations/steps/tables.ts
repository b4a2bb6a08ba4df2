import type { LiveTable } from "../../schema/introspect.ts";
import type { ChangeOf } from "../compare/change.ts";
import { addConstraint, createTable } from "../compare/create_sql.ts";
import { swap, unlessTaken } from "./indexes.ts";
import type { Making, Piece } from "./piece.ts";
import type { Tables } from "../compare/scratch_schema.ts";
import { list, named } from "../../codec/quote.ts";

/** Makes tables in one step, each whole; foreign keys to tables that are in use are added one by one. */
export function addTables(
  changes: readonly ChangeOf<"add-table">[],
  { all }: Making,
): Piece[] {
  if (changes.length === 0) return [];
  const made = new Set(changes.map(({ table }) => table.name));
  const keys = changes.flatMap(({ table }) =>
    table.constraints.filter(({ kind }) => kind === "foreign").map((key) => ({
      inside: key.table !== null && made.has(key.table),
      table: table.name,
      add: addConstraint(table.name, key),
    }))
  );
  return [
    {
      phase: "create",
      table: undefined,
      how: "short",
      statements: [
        ...changes.flatMap(({ table }) =>
          createTable({
            ...table,
            indexes: table.indexes.map((index) => unlessTaken(index, all)),
          })
        ),
        ...keys.filter(({ inside }) => inside).map(({ add }) => add),
        ...changes.flatMap(({ seed }) => seed),
      ],
      comments: changes.filter(({ emptied }) => emptied === true).map((
        { table },
      ) =>
        `${table.name} comes back without its rows${
          partsOf(table).map((part) => `, ${part}`).join("")
        }.`
      ),
    },
    ...changes.flatMap(({ table }) =>
      table.indexes.flatMap((index) => {
        const made = unlessTaken(index, all);
        return made === index ? [] : [swap(table.name, made.name, index.name)];
      })
    ),
    ...keys.filter(({ inside }) => !inside).map(({ table, add }): Piece => ({
      phase: "refer",
      table,
      how: "short",
      statements: [add],
    })),
  ];
}

/** Drops tables together, for they may refer to each other. */
export function dropTables(
  changes: readonly ChangeOf<"drop-table">[],
): Piece[] {
  return changes.length === 0 ? [] : [{
    phase: "remove",
    table: undefined,
    how: "short",
    statements: [
      `DROP TABLE ${list(changes.map(({ table }) => table.name))}`,
    ],
    comments: changes.flatMap(({ table }) =>
      partsOf(table).map((part) => `With ${table.name} goes: ${part}`)
    ),
  }];
}

/** What goes with a table, and no model describes. */
function partsOf({ others, triggers, readers }: LiveTable): string[] {
  return [
    ...others.filter(({ holds }) => !holds).map(({ what }) => what),
    ...triggers.map(({ name }) => `trigger ${name}`),
    ...readers.length === 0 ? [] : [`the rights of ${readers.join(", ")}`],
  ];
}

type Renaming = ChangeOf<
  | "rename-table"
  | "rename-column"
  | "rename-constraint"
  | "rename-index"
  | "rename-partition"
>;

/** Gives something another name, at once. */
export function rename(
  change: Renaming,
  tables?: Tables,
): Piece[] {
  const { kind, table, from, to } = change;
  const t = named(table);
  const f = named(from);
  const n = named(to);
  const statement = {
    "rename-table": `ALTER TABLE ${f} RENAME TO ${n}`,
    "rename-partition": `ALTER TABLE ${f} RENAME TO ${n}`,
    "rename-column": `ALTER TABLE ${t} RENAME COLUMN ${f} TO ${n}`,
    "rename-constraint": `ALTER TABLE ${t} RENAME CONSTRAINT ${f} TO ${n}`,
    "rename-index": `ALTER INDEX ${f} RENAME TO ${n}`,
  }[kind];
  return [{
    phase: "rename",
    table,
    how: "quick",
    statements: [statement],
    ...kind === "rename-constraint" || kind === "rename-index" ? {} : {
      ignored: { rule: "rename", why: "the models say so" },
      comments: stale(change, tables?.get(table)),
    },
  }];
}

/** Who goes on under the old name: views show it, and functions of triggers look for it. */
function stale(
  { kind, table, from, to }: Renaming,
  there: LiveTable | undefined,
): string[] {
  if (there === undefined || kind === "rename-partition") return [];
  const { views, triggers } = there;
  const shown = views.filter(({ columns }) =>
    kind === "rename-column" && columns.includes(to)
  ).map(({ name, kind }) => `The ${kind} ${name} goes on to show ${from}.`);
  return triggers.length === 0 ? shown : [
    ...shown,
    `Functions of the triggers of ${table} may still name ${from}: ${
      triggers.map(({ name }) => name).join(", ")
    }.`,
  ];
}
