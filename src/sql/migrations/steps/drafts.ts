import type { Draft, Ignored } from "../../../engine/migrations/mod.ts";
import { withBackfills } from "./backfill.ts";
import { type Change, inverse } from "../compare/change.ts";
import {
  addColumn,
  changeType,
  comment,
  dropColumn,
  setDefault,
} from "./columns.ts";
import {
  addConstraintPieces,
  changeConstraint,
  dropConstraint,
  validateConstraint,
} from "./constraints.ts";
import { addIndex, changeIndex, dropIndex, rebuildIndex } from "./indexes.ts";
import { lostName } from "../file/destructive_names.ts";
import { place } from "../../../migrations/plan/managed_names.ts";
import { dropNotNull, setNotNull } from "./not_null.ts";
import { addPartition, dropPartition } from "./partitions.ts";
import { type Making, type Piece, stepsOf } from "./piece.ts";
import { requirements } from "./required_version.ts";
import { addTables, dropTables, rename } from "./tables.ts";
import type { Tables } from "../compare/scratch_schema.ts";

/** What drafts are made from besides changes. */
export interface Drafting {
  readonly version: number;
  /** The tables that are there, under their new names. */
  readonly current: Tables;
  /** The tables that the models want. */
  readonly wanted: Tables;
}

/** Both files of some changes. */
export function drafts(
  changes: readonly Change[],
  drafting: Drafting,
): { readonly up: Draft; readonly down: Draft } {
  const back = changes.toReversed().map(inverse);
  const tables = new Map([
    ...drafting.wanted,
    ...withNewPartitions(drafting.current, changes),
  ]);
  const { version } = drafting;
  const lost = changes.flatMap(lostBy);
  return {
    up: draft(changes, "up", version, tables),
    down: {
      ...draft(back, "down", version, tables),
      irreversible: lost.length === 0
        ? undefined
        : `what ${
          lost.join(", ")
        } held is gone; the steps make the structure again`,
    },
  };
}

/** Tables whose partitions have the names of after renames, which come first on one way and last on the other. */
function withNewPartitions(tables: Tables, changes: readonly Change[]): Tables {
  const names = new Map(
    changes.flatMap((change): [string, string][] =>
      change.kind === "rename-partition" ? [[change.from, change.to]] : []
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

function draft(
  changes: readonly Change[],
  direction: "up" | "down",
  version: number,
  tables: Tables,
): Draft {
  const making: Making = {
    version,
    all: changes,
    tables,
  };
  const pieces: Piece[] = [
    ...addTables(
      changes.filter((change) => change.kind === "add-table"),
      making,
    ),
    ...changes.flatMap((
      change,
    ) => piecesOf(change, making, direction)),
    ...dropTables(changes.filter((change) => change.kind === "drop-table")),
  ];
  const steps = stepsOf(withBackfills(pieces, making.tables), direction);
  return {
    steps,
    destructive: changes.flatMap(destroyed),
    ignored: ignoredBy(pieces),
    requires: requirements(changes, steps, making),
  };
}

function piecesOf(
  change: Change,
  making: Making,
  direction: "up" | "down",
): Piece[] {
  switch (change.kind) {
    case "add-table":
    case "drop-table":
    case "split":
      return [];
    case "rename-table":
    case "rename-column":
    case "rename-constraint":
    case "rename-index":
    case "rename-partition":
      return rename(change, making.tables);
    case "add-column":
      return addColumn(change, making);
    case "drop-column":
      return dropColumn(change);
    case "alter-type":
      return changeType(change, direction);
    case "set-not-null":
      return setNotNull(change, making);
    case "drop-not-null":
      return dropNotNull(change, making);
    case "set-default":
      return setDefault(change);
    case "comment":
      return comment(change);
    case "add-constraint":
      return addConstraintPieces(change.table, change.constraint, making);
    case "drop-constraint":
      return dropConstraint(change);
    case "validate-constraint":
      return validateConstraint(change);
    case "change-constraint":
      return changeConstraint(change, making);
    case "add-index":
      return addIndex(change, making);
    case "drop-index":
      return dropIndex(change, making);
    case "change-index":
      return changeIndex(change, making);
    case "rebuild-index":
      return rebuildIndex(change, making);
    case "add-partition":
      return addPartition(change);
    case "drop-partition":
      return dropPartition(change);
  }
}

/** What a change takes from the database, as `dbp:destructive` says it. */
function destroyed(change: Change): string[] {
  switch (change.kind) {
    case "drop-table":
      return [`drop-table ${lostName(change.table.name)}`];
    case "drop-column":
      return [
        `drop-column ${
          lostName(place.column(change.table, change.column.name))
        }`,
      ];
    case "drop-partition":
      return [`drop-table ${lostName(change.part.name)}`];
    default:
      return [];
  }
}

function lostBy(change: Change): string[] {
  switch (change.kind) {
    case "drop-table":
      return [change.table.name];
    case "drop-column":
      return [`${change.table}.${change.column.name}`];
    default:
      return [];
  }
}

/** The rules that pieces break, each once. */
function ignoredBy(pieces: readonly Piece[]): Ignored[] {
  const reasons = Map.groupBy(
    pieces.flatMap(({ ignored }) => ignored ?? []),
    ({ rule }) => rule,
  );
  return [...reasons].map(([rule, all]) => ({
    rule,
    why: [...new Set(all.map(({ why }) => why))].join("; "),
  }));
}
