import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { Tables } from "../compare/scratch_schema.ts";
import { lostName } from "../file/destructive_names.ts";
import { concurrent, quick, type SqlStep, step } from "./planned_step.ts";

/** Creates an empty partition and attaches it, or detaches and drops one; neither blocks readers or writers. */
export function partitionSteps(
  { table, from: dropped, to: added }: ChangeOf<"partition">,
): SqlStep[] {
  const alter = `ALTER TABLE ${named(table)}`;
  return [
    ...added === undefined ? [] : [
      step(
        "create",
        undefined,
        `CREATE TABLE ${named(added.name)} (LIKE ${
          named(table)
        } INCLUDING ALL)`,
      ),
      quick(
        "alter",
        table,
        `${alter} ATTACH PARTITION ${named(added.name)} ${added.bound}`,
      ),
    ],
    ...dropped === undefined ? [] : [
      {
        ...concurrent(
          "retire",
          table,
          `${alter} DETACH PARTITION ${named(dropped.name)} CONCURRENTLY`,
        ),
        requires: ["pg>=14"],
      },
      {
        ...step("remove", dropped.name, `DROP TABLE ${named(dropped.name)}`),
        destructive: [`drop-table ${lostName(dropped.name)}`],
      },
    ],
  ];
}

/** Returns whether a table has partitions. */
export function isPartitioned(table: string, tables: Tables): boolean {
  return (tables.get(table)?.partition ?? null) !== null;
}
