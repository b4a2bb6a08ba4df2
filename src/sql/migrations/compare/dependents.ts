import { printable } from "../../../base/errors/printable.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import type { Renames } from "../../../migrations/plan/renames.ts";
import { named } from "../../codec/quote.ts";
import type { Tables } from "./scratch_schema.ts";

/** An object that uses a column, other than the constraints and indexes of its table. */
export interface Dependent {
  /** `the view bright uses it`. */
  readonly reason: string;
  /** The statement that drops it. */
  readonly drop: string;
  /** The statement that recreates it. */
  readonly create: string;
}

/** Returns the views, triggers and other objects that use a column; the server refuses to change its type or drop it. */
export function dependentsOf(
  { name: table, views, triggers, dependents }: LiveTable,
  column: string,
): readonly Dependent[] {
  const uses = ({ columns }: { readonly columns: readonly string[] }) =>
    columns.includes(column);
  return [
    ...views.filter(uses).map(({ name, kind, definition }) => ({
      reason: `the ${kind} ${name} uses it`,
      drop: `DROP ${kind.toUpperCase()} ${name};`,
      create: `CREATE ${kind.toUpperCase()} ${name} AS\n${definition};`,
    })),
    ...triggers.filter(uses).map(({ name, definition }) => ({
      reason: `the trigger ${name} uses it`,
      drop: `DROP TRIGGER ${named(name)} ON ${named(table)};`,
      create: `${definition};`,
    })),
    ...dependents.filter((other) => uses(other) && other.kind !== "statistics")
      .map(({ description }) => ({
        reason: `the ${description} uses it`,
        drop: `-- Drop the ${printable(description)} here.`,
        create: `-- Recreate the ${
          printable(description)
        } here for the changed column.`,
      })),
  ];
}

/** Returns all reasons. */
export function reasonsText(dependents: readonly Dependent[]): string {
  return dependents.map(({ reason }) => reason).join(", ");
}

/**
 * Returns a statement between those that drop and those that recreate the dependents
 * of a column.
 *
 * @param exact whether the dependents can be recreated as they were
 */
export function around(
  dependents: readonly Dependent[],
  statement: string,
  exact = true,
): string {
  const recreated = dependents.map(({ create }) =>
    exact ? create : create.replaceAll(/^(?!-- )/gm, "-- ")
  );
  return [...dependents.map(({ drop }) => drop), statement, ...recreated].join(
    "\n",
  );
}

/** Returns copies of tables, with the views, triggers and other properties of the originals that they do not have, under their new names. */
export function withDependents(
  copies: Tables,
  live: Tables,
  { tables, columns }: Renames,
): Tables {
  const old = new Map([...tables].map(([from, to]) => [to, from]));
  return new Map(
    [...copies].map(([name, copy]): [string, LiveTable] => {
      const before = old.get(name) ?? name;
      const table = live.get(before);
      const renamed = <T extends { readonly columns: readonly string[] }>(
        dependent: T,
      ): T => ({
        ...dependent,
        columns: dependent.columns.map((column) =>
          columns.get(before)?.get(column) ?? column
        ),
      });
      return [name, {
        ...copy,
        views: table?.views.map(renamed) ?? [],
        triggers: table?.triggers.map(renamed) ?? [],
        indexes: copy.indexes.map((index) => ({
          ...index,
          storage: table?.indexes.find(({ name }) => name === index.name)
            ?.storage ?? null,
        })),
        usedColumns: table?.usedColumns ?? copy.usedColumns,
        replicaIdentity: table?.replicaIdentity ?? null,
        dependents: table?.dependents.map(renamed) ?? [],
        grantees: table?.grantees ?? [],
        comment: table?.comment ?? null,
      }];
    }),
  );
}
