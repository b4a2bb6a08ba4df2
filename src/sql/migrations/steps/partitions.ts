import type { ChangeOf } from "../compare/change.ts";
import { quick } from "./not_null.ts";
import type { Piece } from "./piece.ts";
import { named } from "../../codec/quote.ts";

/** Makes a partition apart and attaches it, which holds nobody up: it is empty, so that there is nothing to check. */
export function addPartition(
  { table, part }: ChangeOf<"add-partition">,
): Piece[] {
  const p = named(part.name);
  return [
    {
      phase: "create",
      table: undefined,
      how: "short",
      statements: [`CREATE TABLE ${p} (LIKE ${named(table)} INCLUDING ALL)`],
    },
    quick(table, [
      `ALTER TABLE ${named(table)} ATTACH PARTITION ${p} ${part.bound}`,
    ]),
  ];
}

/** Takes a partition away beside those who read and write. */
export function dropPartition(
  { table, part }: ChangeOf<"drop-partition">,
): Piece[] {
  return [
    {
      phase: "retire",
      table,
      how: "concurrent",
      statements: [
        `ALTER TABLE ${named(table)} DETACH PARTITION ${
          named(part.name)
        } CONCURRENTLY`,
      ],
    },
    {
      phase: "remove",
      table: part.name,
      how: "short",
      statements: [`DROP TABLE ${named(part.name)}`],
    },
  ];
}
