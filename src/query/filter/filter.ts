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
    }
    : unknown)
  & (T extends readonly (infer Item)[] ? {
      /** The array contains the value, or all of the values. */
      contains?: Item | readonly Item[];
    }
    : unknown);

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
  & {
    [F in keyof Row]?:
      | Row[F]
      | readonly NonNullable<Row[F]>[]
      | null
      | Operators<NonNullable<Row[F]>>;
  }
  & {
    /** All filters match; an empty array matches every row. */
    and?: readonly Filter<Row>[];
    /** At least one filter matches; an empty array matches no row. */
    or?: readonly Filter<Row>[];
    /** The filter does not match. */
    not?: Filter<Row>;
  };
