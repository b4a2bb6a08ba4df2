import type { Field } from "../../model/field.ts";
import type { Operation } from "../../model/expression.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Comparison, Condition } from "./condition.ts";
import type { Nearest, PositionFields } from "./position.ts";

/** One part of an order. */
export interface Sort {
  /** The field. */
  readonly field: Field;
  /** Ascending or descending. */
  readonly direction: "asc" | "desc";
  /** The position of nulls. */
  readonly nulls: "first" | "last";
}

/**
 * What every statement has.
 * @internal
 */
export interface StatementOf<Kind extends string> {
  /** The kind of statement. */
  readonly kind: Kind;
  /** The model of the table. */
  readonly model: AnyModel;
}

/**
 * What every statement on rows that meet a condition has.
 * @internal
 */
export interface FilteredStatement<Kind extends string>
  extends StatementOf<Kind> {
  /** The condition on the rows. */
  readonly where: Condition;
}

/** Reads rows. */
export interface FindStatement extends FilteredStatement<"find"> {
  /** The order by distance, which precedes `order`. The condition leaves only rows with a position. */
  readonly nearest?: Nearest | undefined;
  /** The order; any if empty. */
  readonly order: readonly Sort[];
  /** The fields to read. */
  readonly fields: readonly Field[];
  /** The maximum number of rows. */
  readonly limit: number | undefined;
  /** The number of rows to skip first. */
  readonly offset: number;
  /** How the rows are locked until the transaction ends; an engine that cannot throws a {@link QueryError}. */
  readonly lock?: RowLock | undefined;
}

/** A lock of the rows that are read. */
export interface RowLock {
  /** `update`: for this transaction alone; `share`: against changes of other transactions. */
  readonly mode: "update" | "share";
  /** Whether rows that another transaction has locked are left out. Otherwise the read waits for them. */
  readonly skipLocked: boolean;
}

/**
 * Reads the first rows of each of some keys, such as the related rows of each
 * row. Rows of one key are in the order; rows of different keys may be mixed.
 */
export interface FindEachStatement extends StatementOf<"findEach"> {
  /** The fields of the keys. */
  readonly key: readonly Field[];
  /** The keys, without null; no two of them are equal in the database. */
  readonly keys: readonly (readonly unknown[])[];
  /** A condition on the rows, besides the key. */
  readonly where: Condition;
  /** The order of the rows of one key. */
  readonly order: readonly Sort[];
  /** The fields to read. */
  readonly fields: readonly Field[];
  /** The maximum number of rows of one key, at least 1. */
  readonly limit: number;
}

/** A cone around a target, in degrees and arcseconds. */
export interface TargetCone {
  /** Right ascension of the target. */
  readonly ra: number;
  /** Declination of the target. */
  readonly dec: number;
  /** The greatest distance of a row. */
  readonly radius: number;
}

/**
 * Reads the nearest rows of each of some targets. The caller decides by the
 * distance which rows are within the radius: further rows may be among them.
 * Rows at equal distances are in the order.
 */
export interface FindNearStatement extends StatementOf<"findNear"> {
  /** The fields of the rows' position. The statement reads them. */
  readonly position: PositionFields;
  /** The targets. */
  readonly targets: readonly TargetCone[];
  /** A condition on the rows, besides their position. */
  readonly where: Condition;
  /** The order of rows at equal distances. */
  readonly order: readonly Sort[];
  /** The fields to read. */
  readonly fields: readonly Field[];
  /** The number of nearest rows of each target that must be found, at least 1. */
  readonly limit: number;
}

/** Counts rows, up to `max`. */
export interface CountStatement extends FilteredStatement<"count"> {
  /** Counting stops at this number. */
  readonly max: number | undefined;
}

/** Returns whether a row exists. */
export interface ExistsStatement extends FilteredStatement<"exists"> {}

/** A value that is computed from the rows of a group. */
export type Measure =
  | { readonly kind: "count" }
  | {
    readonly kind: "countDistinct" | "min" | "max" | "sum" | "avg";
    readonly field: Field;
  };

/** One part of the order of groups; nulls are last. */
export interface GroupSort {
  /** The index of a field of `groupBy`, or the number of rows. */
  readonly by: number | "count";
  /** Ascending or descending. */
  readonly direction: "asc" | "desc";
}

/** Computes values over the rows that match, for each group of rows with equal fields. */
export interface AggregateStatement extends FilteredStatement<"aggregate"> {
  /** The fields that are equal in a group; null equals null. Without them, all rows are one group, also if there are none. */
  readonly groupBy: readonly Field[];
  /** The values of each group. */
  readonly measures: readonly Measure[];
  /** Conditions on the number of rows of a group. */
  readonly having: readonly {
    readonly operator: Comparison;
    readonly value: number;
  }[];
  /** The order of the groups; any if empty. */
  readonly order: readonly GroupSort[];
  /** The maximum number of groups. */
  readonly limit: number | undefined;
}

/**
 * The groups, each with the values of `groupBy` and then of `measures`: counts
 * are numbers, sums of integers bigints, other sums and averages numbers. The
 * other measures of no values are null.
 */
export type Groups = readonly (readonly unknown[])[];

/** Returns the row that matches, or creates it. Never changes an existing row. */
export interface GetOrCreateStatement extends StatementOf<"getOrCreate"> {
  /** The condition on the row; it sets all fields of a unique key equal to a value. */
  readonly where: Condition;
  /** The checked values of the new row; those that are left to the server are missing. */
  readonly row: ReadonlyMap<Field, unknown>;
}

/** Inserts one row and returns it as it is stored. */
export interface InsertRowStatement extends StatementOf<"insertRow"> {
  /** The checked values of the new row; those that are left to the server are missing. */
  readonly row: ReadonlyMap<Field, unknown>;
}

/** Inserts unchecked rows: the engine checks each row while it encodes it. */
export interface InsertStatement extends StatementOf<"insert"> {
  /** The rows to write. */
  readonly rows: Rows<object>;
  /** Whether to skip or to reject a row with a duplicate key. */
  readonly onConflict: "ignore" | "error";
  /** The fields of the inserted rows to return; no rows are returned without it. */
  readonly returning?: readonly Field[] | undefined;
}

/** How the value of a row is combined with the existing one. */
export type Combination = Exclude<Operation, "increment">;

/** Inserts unchecked rows, or updates the existing rows of their keys. */
export interface UpsertStatement extends StatementOf<"upsert"> {
  /** The rows to write. */
  readonly rows: Rows<object>;
  /** The fields that identify existing rows. A row has a value for each, or leaves it to the server. */
  readonly conflict: readonly Field[];
  /**
   * Whether these fields are a unique key. If not, the engine itself must keep
   * upserts at the same time from inserting the same key twice, and refuses a
   * key that several existing rows have.
   */
  readonly isUnique: boolean;
  /** The fields to overwrite; if undefined, those that each row has. */
  readonly update: readonly Field[] | undefined;
  /** A row replaces another only if these fields, compared in order, are greater. */
  readonly prefer: readonly Field[];
  /**
   * The overwritten fields whose new value is combined with the existing one, and
   * how: the least or the greatest of both, where null counts as missing, or the
   * existing one unless it is null. On a tie the existing value is kept.
   */
  readonly merge: ReadonlyMap<Field, Combination>;
  /** The fields of the inserted and updated rows to return; no rows are returned without it. */
  readonly returning?: readonly Field[] | undefined;
}

/** Makes the same change to every row that matches. */
export interface UpdateStatement extends FilteredStatement<"update"> {
  /** The checked values to set. */
  readonly set: ReadonlyMap<Field, unknown>;
  /** The fields of `set` whose value is not stored itself, but combined with the stored one. They are part of no key. */
  readonly operations: ReadonlyMap<Field, Operation>;
}

/** The rows that a statement returns after it wrote them. */
export interface Returned {
  /** The fields to return. */
  readonly returning: readonly Field[];
  /** The order of the rows: that of the primary key. */
  readonly order: readonly Sort[];
}

/** Makes the same change to every row that matches, and returns the rows as they are stored. */
export interface UpdateReturningStatement
  extends Omit<UpdateStatement, "kind">, Returned {
  /** The kind of statement. */
  readonly kind: "updateReturning";
}

/** Updates many rows, found by their keys, each with its own values. */
export interface UpdateEachStatement extends StatementOf<"updateEach"> {
  /** A condition on the rows in addition to their keys, which middleware adds; all rows if undefined. */
  readonly where?: Condition;
  /** The fields that find a row: the primary key, and the version if the row must have that of its change. */
  readonly key: readonly Field[];
  /** The fields that all changes set. */
  readonly set: readonly Field[];
  /** The fields of `set` whose values are not stored themselves, but combined with the stored ones. They are part of no key. */
  readonly operations: ReadonlyMap<Field, Operation>;
  /** The checked changes: values in the order of `key` and of `set`. */
  readonly changes: readonly {
    readonly key: readonly unknown[];
    readonly values: readonly unknown[];
  }[];
  /** Whether nothing may be written if a change finds no row; only `updateAlone` of an executor receives it. */
  readonly needsAll?: boolean;
}

/** Updates many rows, found by their keys, and returns them as they are stored. */
export interface UpdateEachReturningStatement
  extends Omit<UpdateEachStatement, "kind" | "needsAll"> {
  /** The kind of statement. */
  readonly kind: "updateEachReturning";
  /** The fields to return. */
  readonly returning: readonly Field[];
}

/** Deletes rows. */
export interface DeleteStatement extends FilteredStatement<"delete"> {}

/** Deletes rows, and returns them as they were stored. */
export interface DeleteReturningStatement
  extends Omit<DeleteStatement, "kind">, Returned {
  /** The kind of statement. */
  readonly kind: "deleteReturning";
}

/** Rows to write: an array, an iterable or an async iterable. */
export type Rows<T> = readonly T[] | Iterable<T> | AsyncIterable<T>;

/** The statement and the outcome of each kind. An engine executes all kinds. */
export interface Statements {
  /** The rows. */
  find: { statement: FindStatement; outcome: object[] };
  /** The rows. */
  findEach: { statement: FindEachStatement; outcome: object[] };
  /** The rows of each target; no two targets share a row object. */
  findNear: {
    statement: FindNearStatement;
    outcome: readonly (readonly object[])[];
  };
  /** The number of rows, up to `max`. */
  count: { statement: CountStatement; outcome: number };
  /** Whether a row exists. */
  exists: { statement: ExistsStatement; outcome: boolean };
  /** The groups. */
  aggregate: { statement: AggregateStatement; outcome: Groups };
  /** The row, and whether it was created. */
  getOrCreate: {
    statement: GetOrCreateStatement;
    outcome: { row: object; created: boolean };
  };
  /** The row, with the values that the server filled. */
  insertRow: { statement: InsertRowStatement; outcome: object };
  /** Numbers of rows, and the inserted ones if the statement returns rows: those without a given key in the order of the statement. */
  insert: {
    statement: InsertStatement;
    outcome: { inserted: number; ignored: number; rows?: readonly object[] };
  };
  /**
   * Numbers of rows, and the written ones if the statement returns rows: those
   * without a given key in the order of the statement. If a row is written
   * several times, it is returned after each write, or only after the last one.
   */
  upsert: {
    statement: UpsertStatement;
    outcome: {
      inserted: number;
      updated: number;
      unchanged: number;
      rows?: readonly object[];
    };
  };
  /** The number of rows that matched. */
  update: { statement: UpdateStatement; outcome: number };
  /** The rows that were updated. */
  updateReturning: { statement: UpdateReturningStatement; outcome: object[] };
  /** The number of rows found. */
  updateEach: { statement: UpdateEachStatement; outcome: number };
  /** The rows that were updated. */
  updateEachReturning: {
    statement: UpdateEachReturningStatement;
    outcome: object[];
  };
  /** The number of deleted rows. */
  delete: { statement: DeleteStatement; outcome: number };
  /** The rows that were deleted. */
  deleteReturning: { statement: DeleteReturningStatement; outcome: object[] };
}

/** Any statement. */
export type Statement = Statements[keyof Statements]["statement"];

/** The outcome of a statement. */
export type Outcome<S extends Statement> = Statements[S["kind"]]["outcome"];
