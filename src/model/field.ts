import type { Filled } from "./filled.ts";

/** The type of a field's values other than null. */
export type FieldType =
  | { readonly kind: ScalarKind }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | {
    readonly kind: "array";
    readonly item: FieldType;
    readonly nullableItems: boolean;
    /** Whether its floats may be NaN and infinities. */
    readonly keepsNotFinite?: boolean;
  };

/** The types without parameters. */
export type ScalarKind =
  | "int16"
  | "int32"
  | "int64"
  | "float32"
  | "float64"
  | "string"
  | "boolean"
  | "date"
  | "uuid"
  | "bytes"
  | "json";

/** How a write to a float field treats NaN and infinities: reject them, keep them, or store null. */
export type NanRule = "error" | "keep" | "null";

/** One field of a model. */
export interface Field {
  /** The name in rows, filters and orders. */
  readonly name: string;
  /** The name of the column. */
  readonly column: string;
  /** The type of its values. */
  readonly type: FieldType;
  /** Whether it may be null. */
  readonly nullable: boolean;
  /** The SQL type of `meta({ sqlType })`, if it replaces the default one, without the clause that fills the column: `bigint` for `bigserial`. */
  readonly sqlType: string | undefined;
  /** The collation of its column on PostgreSQL, which then orders its text; undefined if text is ordered by code point. */
  readonly collation: string | undefined;
  /** The previous name of the column; migrations rename it. */
  readonly renamedFrom: string | undefined;
  /** How the server fills it; undefined if it does not. */
  readonly filled: Filled | undefined;
  /** The default of the server, an SQL expression. */
  readonly sqlDefault: string | undefined;
  /** The clause that makes the server fill it, if that is not a default: `serial`, `generated always as identity`. */
  readonly sqlFill: string | undefined;
  /** Returns the value of the field in a new row that omits it. */
  readonly default: (() => unknown) | undefined;
  /** Returns the value of the field in every write that omits it. */
  readonly onUpdate: (() => unknown) | undefined;
  /** Whether it counts the updates of its row: each raises it by 1. */
  readonly isVersion: boolean;
  /** How writes treat NaN and infinities. */
  readonly nan: NanRule;
  /** The unit of its values: `mag`, `deg`. */
  readonly unit: string | undefined;
  /** A sentence that describes it. */
  readonly description: string | undefined;
  /** Returns why a value violates a rule beyond its type (`.min()`, `.regex()`, `.refine()`), or undefined if it does not. */
  readonly refine: ((value: unknown) => string | undefined) | undefined;
}
