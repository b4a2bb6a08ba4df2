import { printable } from "../../../base/errors/printable.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import type { CarriedSettings } from "../compare/carried_settings.ts";
import type { Tables } from "../compare/scratch_schema.ts";
import { lostName } from "../file/destructive_names.ts";
import type { ReplacedForeignKey, Replacement } from "./replacement.ts";

/** Returns the directives and the comments of a file that replaces columns. */
export function head(
  replacements: readonly Replacement[],
  foreignKeys: readonly ReplacedForeignKey[],
  version: number,
  tables: Tables,
): string[] {
  const columns = replacements.flatMap(({ live, columns }) =>
    columns.map(({ to }) => managedName.column(live.name, to.name))
  );
  const computed = replacements.flatMap(({ live, computed }) =>
    computed.map(({ name, generated }) => ({
      name: managedName.column(live.name, name),
      generated,
    }))
  );
  const split = replacements.filter(({ live }) => live.partition !== null);
  const all = replacements.flatMap(({ keys }) => keys);
  const atOnce = (kind: string): boolean =>
    all.some(({ rule, fromIndex }) =>
      rule.kind === kind && fromIndex === undefined
    );
  const ignored = (rule: string, why: string): string =>
    `-- dbp:ignore ${rule} ${why}`;
  return [
    ...[...columns, ...computed.map(({ name }) => name)].map((name) =>
      `-- dbp:destructive drop-column ${lostName(name)}`
    ),
    ignored("rename", "a second column replaces the first in one step"),
    ...replacements.some(({ columns }) => columns.some(({ proof }) => proof))
      ? [ignored("set-not-null", "a validated check proves it")]
      : [],
    ...atOnce("primary")
      ? [ignored("add-primary-key", "the server cannot make it from an index")]
      : [],
    ...atOnce("unique")
      ? [ignored("add-unique", "the server cannot make it from an index")]
      : [],
    ...atOnce("exclusion")
      ? [
        ignored(
          "exclusion-constraint",
          "the server cannot make it from an index",
        ),
      ]
      : [],
    ...split.some(({ indexes }) => indexes.length > 0)
      ? [ignored("create-index", "a partitioned table has no other way")]
      : [],
    ...foreignKeys.some(({ table }) => isAtOnce(table, version, tables))
      ? [
        ignored(
          "add-foreign-key-valid",
          "before PostgreSQL 18 a partitioned table cannot add it NOT VALID",
        ),
      ]
      : [],
    ...computed.some(({ generated }) => generated === "stored")
      ? [ignored("add-generated", "it is computed from a replaced column")]
      : [],
    `-- This replaces ${
      printable(columns.join(", "))
    } by second columns that triggers keep in sync, while programs read and write.`,
    ...replacements.flatMap(({ live, carried }) => outside(live.name, carried)),
    "-- A step that locks several tables gives way after 300 ms and is tried again: programs would deadlock with it after a second.",
    "-- There is no down file: values outside of the earlier type would be lost. In the down file, write dbp:irreversible and why, or the same steps with the types exchanged.",
  ];
}

/** Names the foreign keys of other schemas, which prevent the replacement, with the statements that drop and add them. */
function outside(table: string, { outside }: CarriedSettings): string[] {
  return outside.length === 0 ? [] : [
    `-- Foreign keys of other schemas refer to ${table}. Run these statements before this file:`,
    ...outside.map(([drop]) => `--   ${printable(drop)}`),
    "-- Run these statements afterwards, with the new type of their columns:",
    ...outside.map(([, add]) => `--   ${printable(add)}`),
  ];
}

/** Returns whether the server can only add a foreign key of this table at once, not NOT VALID. */
export function isAtOnce(
  table: string,
  version: number,
  tables: Tables,
): boolean {
  return version < 180000 && tables.get(table)?.partition !== null;
}
