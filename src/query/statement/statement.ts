import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";

/** A condition on rows, two-valued: a comparison with null is false, and `not` turns false to true. */
export type Condition =
  | { readonly kind: "all" }
  | { readonly kind: "none" }
  | {
    readonly kind: "compare";
    readonly field: Field;
    readonly operator: Comparison;
    readonly value: unknown;
  }
  | {
    readonly kind: "in";
    readonly field: Field;
    readonly values: readonly unknown[];
  }
  | { readonly kind: "null"; readonly field: Field }
  | { readonly kind: "like"; readonly field: Field; readonly pattern: string }
  | {
    readonly kind: "contains";
    readonly field: Field;
    readonly values: readonly unknown[];
  }
  | {
    readonly kind: "keys";
    readonly fields: readonly Field[];
    readonly keys: readonly (readonly unknown[])[];
  }
  | { readonly kind: "and" | "or"; readonly terms: readonly Condition[] }
  | { readonly kind: "not"; readonly term: Condition };

/** `ne` keeps rows whose field is null. */
export type Comparison = "eq" | "ne" | "gt" | "gte" | "lt" | "lte";

/** One part of an order. */
export interface Sort {
  /** The field. */
  readonly field: Field;
  /** Which way. */
  readonly direction: "asc" | "desc";
  /** Where null stands; last unless the caller asked otherwise. */
  readonly nulls: "first" | "last";
}

/** Rows, in an order. */
export interface FindStatement {
  /** What to do. */
  readonly kind: "find";
  /** On which table. */
  readonly model: AnyModel;
  /** Which rows. */
  readonly where: Condition;
  /** In which order; any where empty. */
  readonly order: readonly Sort[];
  /** Which fields. */
  readonly fields: readonly Field[];
  /** How many at most. */
  readonly limit: number | undefined;
  /** How many to pass over first. */
  readonly offset: number;
}

/** How many rows there are, counted no further than `max`. */
export interface CountStatement {
  /** What to do. */
  readonly kind: "count";
  /** On which table. */
  readonly model: AnyModel;
  /** Which rows. */
  readonly where: Condition;
  /** Where to stop. */
  readonly max: number | undefined;
}

/** Whether there is a row. */
export interface ExistsStatement {
  /** What to do. */
  readonly kind: "exists";
  /** On which table. */
  readonly model: AnyModel;
  /** Which rows. */
  readonly where: Condition;
}

/** The row that matches, or a new one. A row that is there is never written. */
export interface GetOrCreateStatement {
  /** What to do. */
  readonly kind: "getOrCreate";
  /** On which table. */
  readonly model: AnyModel;
  /** Which row; it covers a unique key. */
  readonly where: Condition;
  /** The new row's values by field, complete and checked. */
  readonly row: ReadonlyMap<Field, unknown>;
}

/** New rows, unchecked: the engine checks each while it encodes it. */
export interface InsertStatement {
  /** What to do. */
  readonly kind: "insert";
  /** On which table. */
  readonly model: AnyModel;
  /** What to write. */
  readonly rows: Rows<object>;
  /** What to do with a row whose key is taken. */
  readonly onConflict: "ignore" | "error";
}

/** New rows, or changes to those whose key is there. */
export interface UpsertStatement {
  /** What to do. */
  readonly kind: "upsert";
  /** On which table. */
  readonly model: AnyModel;
  /** What to write, unchecked. */
  readonly rows: Rows<object>;
  /** The unique key that decides whether a row is there. */
  readonly conflict: readonly Field[];
  /** The fields to overwrite; those each row gives where undefined. */
  readonly update: readonly Field[] | undefined;
  /** A row wins over another where these are greater, in order. */
  readonly prefer: readonly Field[];
}

/** The same change to every row that matches. */
export interface UpdateStatement {
  /** What to do. */
  readonly kind: "update";
  /** On which table. */
  readonly model: AnyModel;
  /** Which rows. */
  readonly where: Condition;
  /** The new values, checked. */
  readonly set: ReadonlyMap<Field, unknown>;
}

/** A change of its own to each of many rows, found by their primary key. */
export interface UpdateEachStatement {
  /** What to do. */
  readonly kind: "updateEach";
  /** On which table. */
  readonly model: AnyModel;
  /** The fields that every change sets. */
  readonly set: readonly Field[];
  /** The changes, checked: values in the order of the key and of `set`. */
  readonly changes: readonly {
    readonly key: readonly unknown[];
    readonly values: readonly unknown[];
  }[];
}

/** No rows where rows were. */
export interface DeleteStatement {
  /** What to do. */
  readonly kind: "delete";
  /** On which table. */
  readonly model: AnyModel;
  /** Which rows. */
  readonly where: Condition;
}

/** Rows to write: in memory, made on demand, or arriving. */
export type Rows<T> = readonly T[] | Iterable<T> | AsyncIterable<T>;

/** What each kind of statement is and gives; an engine answers all of them. */
export interface Statements {
  /** Rows. */
  find: { statement: FindStatement; outcome: object[] };
  /** A number. */
  count: { statement: CountStatement; outcome: number };
  /** Yes or no. */
  exists: { statement: ExistsStatement; outcome: boolean };
  /** The row, and whether it is new. */
  getOrCreate: {
    statement: GetOrCreateStatement;
    outcome: { row: object; created: boolean };
  };
  /** Counts of rows. */
  insert: {
    statement: InsertStatement;
    outcome: { inserted: number; ignored: number };
  };
  /** Counts of rows. */
  upsert: {
    statement: UpsertStatement;
    outcome: { inserted: number; updated: number; unchanged: number };
  };
  /** How many rows matched. */
  update: { statement: UpdateStatement; outcome: number };
  /** How many of the keys were there. */
  updateEach: { statement: UpdateEachStatement; outcome: number };
  /** How many rows went. */
  delete: { statement: DeleteStatement; outcome: number };
}

/** Any statement. */
export type Statement = Statements[keyof Statements]["statement"];

/** What a statement gives. */
export type Outcome<S extends Statement> = Statements[S["kind"]]["outcome"];
