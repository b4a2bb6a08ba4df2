/** What a field holds, without saying whether it may be null. */
export type FieldType =
  | { readonly kind: ScalarKind }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | {
    readonly kind: "array";
    readonly item: FieldType;
    readonly nullableItems: boolean;
  };

/** The kinds of field that say everything by their name. */
export type ScalarKind =
  | "int32"
  | "int64"
  | "float32"
  | "float64"
  | "string"
  | "boolean"
  | "date"
  | "uuid"
  | "json";

/** What becomes of NaN and the infinities on their way into a float field. */
export type NanRule = "error" | "keep" | "null";

/** One field of a model, as every engine reads it. */
export interface Field {
  /** The name in rows, filters and orders. */
  readonly name: string;
  /** The name in the database. */
  readonly column: string;
  /** What it holds. */
  readonly type: FieldType;
  /** Whether null may stand in it. */
  readonly nullable: boolean;
  /** The column type asked for by `meta({ sqlType })`, in place of the usual one. */
  readonly sqlType: string | undefined;
  /** The column that it was before; migrations rename that one. */
  readonly renamedFrom: string | undefined;
  /** The server's own default, an SQL expression. */
  readonly sqlDefault: string | undefined;
  /** The value of a field that a new row does not give. */
  readonly default: (() => unknown) | undefined;
  /** The value of a field that a write does not give. */
  readonly onUpdate: (() => unknown) | undefined;
  /** NaN and infinities. */
  readonly nan: NanRule;
  /** The unit of a value, as in `mag` or `deg`. */
  readonly unit: string | undefined;
  /** One sentence about it. */
  readonly description: string | undefined;
  /** Why a value breaks a rule beyond its type (`.min()`, `.regex()`, `.refine()`), or undefined where it does not. */
  readonly refine: ((value: unknown) => string | undefined) | undefined;
}
