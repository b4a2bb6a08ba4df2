import type {
  LiveColumn,
  LiveConstraint,
  LiveIndex,
  LivePart,
  LiveTable,
} from "../../schema/introspect.ts";

import { mayDiffer } from "./volatile_default.ts";

/** What happens to a table or in one. Names of tables and columns are those after renames. */
export type Change =
  | AddTable
  | { readonly kind: "drop-table"; readonly table: LiveTable }
  | InTable<"rename-table", Renaming>
  | InTable<"rename-column" | "rename-constraint" | "rename-index", Renaming>
  | InTable<"rename-partition", Renaming>
  | InTable<"add-column", AddedColumn>
  | InTable<"drop-column", DroppedColumn>
  | InTable<"alter-type", From<LiveColumn>>
  | InTable<"set-not-null", { readonly column: LiveColumn } & Filled>
  | InTable<"drop-not-null", { readonly column: LiveColumn }>
  | InTable<"set-default", { readonly column: string } & From<string | null>>
  | InTable<"comment", { readonly column: string } & From<string | null>>
  | InTable<
    "add-constraint" | "drop-constraint" | "validate-constraint",
    { readonly constraint: LiveConstraint }
  >
  | InTable<"change-constraint", From<LiveConstraint>>
  | InTable<"add-index" | "drop-index", { readonly index: LiveIndex }>
  | InTable<"change-index" | "rebuild-index", From<LiveIndex>>
  | InTable<"add-partition" | "drop-partition", { readonly part: LivePart }>
  | InTable<"split", From<LiveTable>>;

/** A table that is made. */
export interface AddTable {
  readonly kind: "add-table";
  readonly table: LiveTable;
  /** Statements that fill it. */
  readonly seed: readonly string[];
  /** Why it comes without its rows, where it was dropped. */
  readonly emptied?: true;
}

/** A change of one kind. */
export type ChangeOf<Kind extends Change["kind"]> = Extract<
  Change,
  { readonly kind: Kind }
>;

type InTable<Kind extends string, Rest> = Kind extends string
  ? { readonly kind: Kind; readonly table: string } & Rest
  : never;

interface Renaming {
  readonly from: string;
  readonly to: string;
}

interface From<T> {
  readonly from: T;
  readonly to: T;
}

/** What rows that are there get: an SQL expression. */
interface Filled {
  readonly fill: string | undefined;
}

interface AddedColumn extends Filled {
  readonly column: LiveColumn;
  /** Whether its default would be another one for each row, so that the server would write the table anew. */
  readonly slow: boolean;
  /** Whether it was dropped, and is back without its values. */
  readonly emptied?: true;
}

interface DroppedColumn {
  readonly column: LiveColumn;
  /** What goes with it, in words. */
  readonly dependents: readonly string[];
}

/** The way back. */
export function inverse(change: Change): Change {
  switch (change.kind) {
    case "add-table":
      return { kind: "drop-table", table: change.table };
    case "drop-table":
      return {
        kind: "add-table",
        table: change.table,
        seed: [],
        emptied: true,
      };
    case "add-column":
      return {
        kind: "drop-column",
        table: change.table,
        column: change.column,
        dependents: [],
      };
    case "drop-column":
      return {
        kind: "add-column",
        table: change.table,
        // Nobody knows what rows would have in it.
        column: {
          ...change.column,
          nullable: change.column.nullable || change.column.default === null,
        },
        fill: undefined,
        slow: change.column.made === null &&
          mayDiffer(change.column.default ?? ""),
        emptied: true,
      };
    case "set-not-null":
      return {
        kind: "drop-not-null",
        table: change.table,
        column: change.column,
      };
    case "drop-not-null":
      return {
        kind: "set-not-null",
        table: change.table,
        column: change.column,
        fill: undefined,
      };
    case "validate-constraint":
      return {
        kind: "change-constraint",
        table: change.table,
        from: { ...change.constraint, validated: true },
        to: { ...change.constraint, validated: false },
      };
    case "add-constraint":
      return { ...change, kind: "drop-constraint" };
    case "drop-constraint":
      return { ...change, kind: "add-constraint" };
    case "add-index":
      return { ...change, kind: "drop-index" };
    case "drop-index":
      return { ...change, kind: "add-index" };
    case "add-partition":
      return { ...change, kind: "drop-partition" };
    case "drop-partition":
      return { ...change, kind: "add-partition" };
    case "set-default":
    case "comment":
      return { ...change, from: change.to, to: change.from };
    case "alter-type":
      return { ...change, from: change.to, to: change.from };
    case "change-constraint":
      return { ...change, from: change.to, to: change.from };
    case "rebuild-index":
      return { ...change, from: change.to, to: change.from };
    case "change-index":
      // What was never built to its end is not to come back.
      return change.from.valid
        ? { ...change, from: change.to, to: change.from }
        : { kind: "drop-index", table: change.table, index: change.to };
    case "split":
      return { ...change, from: change.to, to: change.from };
    case "rename-table":
      return {
        kind: "rename-table",
        table: change.table,
        from: change.to,
        to: change.from,
      };
    case "rename-column":
    case "rename-constraint":
    case "rename-index":
    case "rename-partition":
      return { ...change, from: change.to, to: change.from };
  }
}
