import type {
  AnyModel,
  RelatedRow,
  RelationsOf,
  RowOf,
} from "../../model/types.ts";

/** Conditions on one field. A row must satisfy all of them. */
export type Operators<T> =
  & {
    /** Equal; null matches null and missing values. */
    eq?: T | null;
    /** Not equal; matches rows whose field is null. */
    ne?: T | null;
    /** Greater. */
    gt?: T;
    /** Greater or equal. */
    gte?: T;
    /** Less. */
    lt?: T;
    /** Less or equal. */
    lte?: T;
    /** Equal to one of the values; an empty array matches no row. */
    in?: readonly T[];
    /** Equal to none of the values; matches rows whose field is null. */
    notIn?: readonly T[];
    /** From the first value to the second, both included. */
    between?: readonly [T, T];
    /** Null or missing if true; present if false. */
    isNull?: boolean;
  }
  & (T extends string ? {
      /** Matches a pattern: `%` is any text, `_` one character, and `\` escapes the next character. */
      like?: string;
      /** Matches a pattern in which the letters A to Z stand for both cases; other letters stand for themselves. */
      ilike?: string;
      /** Begins with the text. */
      startsWith?: string;
      /** Ends with the text. */
      endsWith?: string;
    }
    : unknown)
  & (T extends readonly (infer Item)[] ? {
      /** The array contains the value, or all of the values. */
      contains?: Item | readonly Item[];
      /** The array contains at least one of the values; an empty list matches no row. */
      containsAny?: readonly Item[];
      /** The array has no items if true; it has some if false. Null matches neither. */
      isEmpty?: boolean;
    }
    : unknown);

/**
 * Conditions on the value at a path within a JSON field. All of them must hold.
 * A missing value is null. Values of different JSON types are not equal, and have
 * no order.
 */
export interface JsonOperators {
  /** Keys of objects, and indexes of arrays as numbers: `["seeing", "median"]`. */
  path: readonly (string | number)[];
  /** Equal to a JSON value; null matches null and missing values. */
  eq?: unknown;
  /** Not equal; matches null and missing values, and values of another type. */
  ne?: unknown;
  /** Greater than a number or a text. */
  gt?: number | bigint | string;
  /** Greater or equal. */
  gte?: number | bigint | string;
  /** Less. */
  lt?: number | bigint | string;
  /** Less or equal. */
  lte?: number | bigint | string;
  /** Equal to one of the values; an empty array matches no row. */
  in?: readonly unknown[];
  /** Null or missing if true; present if false. */
  isNull?: boolean;
}

/**
 * The conditions on a path, if values of this type can be JSON objects or arrays.
 * @internal
 */
type PathOf<T> = T extends Scalar ? never
  : T extends readonly (infer Item)[]
    ? [NonNullable<Item>] extends [Scalar] ? never : JsonOperators
  : JsonOperators;

/**
 * The types of values that have no paths.
 * @internal
 */
type Scalar = string | number | bigint | boolean | Date | Uint8Array;

/**
 * Conditions on the fields of a row.
 * @internal
 */
type FieldConditions<Row> = {
  [F in keyof Row]?:
    | Row[F]
    | readonly NonNullable<Row[F]>[]
    | null
    | Operators<NonNullable<Row[F]>>
    | PathOf<NonNullable<Row[F]>>;
};

/** Filters that are combined in a filter. */
export interface Combinations<Inner> {
  /** All filters match; an empty array matches every row. */
  and?: readonly Inner[];
  /** At least one filter matches; an empty array matches no row. */
  or?: readonly Inner[];
  /** The filter does not match. */
  not?: Inner;
}

/**
 * A condition on rows. A plain value means equality, an array means `in`, and
 * null matches null and missing values. A row must satisfy the conditions of
 * all fields.
 *
 * @example
 * ```ts
 * import type { DetectionRow } from "@alerce/db-plugins/models";
 * import type { Filter } from "@alerce/db-plugins";
 *
 * const bright: Filter<DetectionRow> = {
 *   oid: ["ZTF18aaxlzgi", "ZTF18aazxcwf"],
 *   mjd: { gte: 58000, lt: 59000 },
 *   or: [{ magpsf: { lt: 18 } }, { drb: null }],
 *   not: { fid: 3 },
 * };
 * void bright;
 * ```
 */
export type Filter<Row> =
  & FieldConditions<Row>
  & Combinations<Filter<Row>>;

/** The positions up to a distance from a position. */
export interface Near {
  /** Right ascension in degrees, 0 to 360. */
  readonly ra: number;
  /** Declination in degrees, -90 to 90. */
  readonly dec: number;
  /** The greatest distance in arcseconds, 0 to 648,000. */
  readonly radius: number;
}

/** A range of right ascensions and one of declinations, both with their ends. */
export interface Box {
  /** From the first right ascension in degrees eastwards to the second: `[350, 10]` crosses 0. */
  readonly ra: readonly [from: number, to: number];
  /** From the first declination in degrees to the second. */
  readonly dec: readonly [from: number, to: number];
}

/** Conditions on the position of a row, for models with `spatial`. */
export interface SkyConditions {
  /** Within a radius around a position, by great-circle distance. */
  near?: Near;
  /** Within a range of right ascensions and declinations. */
  box?: Box;
  /** Within a convex polygon of three or more corners, whose sides are parts of great circles. */
  polygon?: readonly (readonly [ra: number, dec: number])[];
}

/** Conditions on the related rows of a row, of which `Inner` is the filter. */
export type RelationFilter<Relation, Models extends AnyModel = never> =
  Relation extends readonly (infer Item)[] ? {
      /** At least one related row matches. */
      some?: RelatedFilter<Item, Models>;
      /** No related row matches. */
      none?: RelatedFilter<Item, Models>;
      /** All related rows match, also if there are none. */
      every?: RelatedFilter<Item, Models>;
    }
    : {
      /** The related row matches; null: there is none. */
      is?: RelatedFilter<NonNullable<Relation>, Models> | null;
      /** The related row does not match, or there is none; null: there is one. */
      isNot?: RelatedFilter<NonNullable<Relation>, Models> | null;
    };

/**
 * A filter of the rows of a model, by their fields and by their relations.
 *
 * `Models` are the models of the connection. They give the filters of related
 * rows the relations of those rows.
 *
 * @example
 * ```ts
 * import type { FullFilter } from "@alerce/db-plugins";
 * import type { AstroObject } from "@alerce/db-plugins/models";
 *
 * const supernovae: FullFilter<typeof AstroObject> = {
 *   ndet: { gte: 5 },
 *   probabilities: { some: { ranking: 1, class_name: "SNIa" } },
 *   detections: { none: { magpsf: { lt: 15 } } },
 * };
 * void supernovae;
 * ```
 */
export type FullFilter<M extends AnyModel, Models extends AnyModel = M> =
  & FieldConditions<RowOf<M>>
  & {
    [Name in keyof RelationsOf<M>]?: RelationFilter<
      RelationsOf<M>[Name],
      Models | M
    >;
  }
  & Omit<SkyConditions, keyof RowOf<M>>
  & Combinations<FullFilter<M, Models>>;

/**
 * The filter of related rows: with their relations if one of the models has these rows.
 * @internal
 */
export type RelatedFilter<Item, Models extends AnyModel> =
  [ModelOf<Item, Models>] extends [never] ? Filter<Item>
    : FullFilter<ModelOf<Item, Models>, Models>;

/**
 * The model of related rows, which a relation names, or whose rows have the same type.
 * @internal
 */
export type ModelOf<Item, Models extends AnyModel> = Models extends AnyModel
  ? string extends Models["name"] ? never
  : Item extends RelatedRow<infer Name>
    ? string extends Name ? SameRow<Item, Models>
    : Models["name"] extends Name ? Models
    : never
  : SameRow<Item, Models>
  : never;

type SameRow<Item, M extends AnyModel> = [Item, RowOf<M>] extends
  [RowOf<M>, Item] ? M : never;
