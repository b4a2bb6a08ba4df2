import type {
  LiveColumn,
  LiveConstraint,
  LiveIndex,
  LivePart,
  LiveTable,
} from "./introspect.ts";

/** A value in the database and in the models. */
interface Ends<T> {
  readonly from: T;
  readonly to: T;
}

/** An object that one side may not have. */
type OptionalEnds<T> = Ends<T | undefined>;

/** The value that existing rows get, as an SQL expression. */
interface Filled {
  readonly fill?: string | undefined;
}

interface Kinds {
  readonly table: OptionalEnds<LiveTable> & {
    /** Statements that insert the rows of a new table. */
    readonly seed?: readonly string[];
  };
  readonly column: OptionalEnds<LiveColumn> & Filled & {
    /** Whether the default of a new column differs from row to row, so that the server would rewrite the table. */
    readonly slow?: boolean;
  };
  readonly type: Ends<LiveColumn> & {
    /** The number of rows up to which the server may rewrite the table; undefined if it does not rewrite it. */
    readonly mostRows?: number;
  };
  /** How the server fills a column. */
  readonly filling: Ends<LiveColumn>;
  readonly nullability: Ends<LiveColumn> & Filled;
  readonly default: Ends<string | null> & { readonly column: string };
  readonly comment: Ends<string | null> & { readonly column: string };
  readonly constraint: OptionalEnds<LiveConstraint>;
  readonly index: OptionalEnds<LiveIndex>;
  /** An index that does not fit the new type of a column. */
  readonly rebuild: Ends<LiveIndex>;
  readonly partition: OptionalEnds<LivePart>;
  readonly partitioning: Ends<LiveTable>;
  readonly rename: Ends<string> & {
    readonly what: "table" | "column" | "constraint" | "index" | "partition";
  };
}

/** What can differ between a table and its model. */
export type Kind = keyof Kinds;

/** A change of one kind; `table` is the name after renames. */
export type ChangeOf<K extends Kind> = {
  [Each in K]:
    & { readonly kind: Each; readonly table: string }
    & Kinds[Each];
}[K];

/** A change that makes the database match the models. */
export type Change = ChangeOf<Kind>;

/** Returns the change that undoes another. */
export function reversed(change: Change): Change {
  return Object.assign({}, change, { from: change.to, to: change.from });
}

/** Returns whether a change only checks existing rows against a constraint. */
export function isValidation({ from, to }: ChangeOf<"constraint">): boolean {
  return from !== undefined && to !== undefined &&
    !from.validated && to.validated &&
    from.kind === to.kind && from.definition === to.definition;
}
