/** What can be asked of a field. Several operators together must all hold. */
export type Operators<T> =
  & {
    /** Equal; null matches null and missing. */
    eq?: T | null;
    /** Not equal; rows whose field is null are kept. */
    ne?: T | null;
    /** Greater. */
    gt?: T;
    /** Greater or equal. */
    gte?: T;
    /** Less. */
    lt?: T;
    /** Less or equal. */
    lte?: T;
    /** One of these; of none, nothing. */
    in?: readonly T[];
    /** None of these; rows whose field is null are kept. */
    notIn?: readonly T[];
    /** Between two values, both included. */
    between?: readonly [T, T];
    /** Null or missing, or not. */
    isNull?: boolean;
  }
  & (T extends string ? {
      /** `%` stands for any text, `_` for one character, `\` for the next character itself. */
      like?: string;
    }
    : unknown)
  & (T extends readonly (infer Item)[] ? {
      /** The array holds the value, or all of the values. */
      contains?: Item | readonly Item[];
    }
    : unknown);

/**
 * Which rows. A plain value is equality, a list is `in`, null matches null and
 * missing; fields are joined by and.
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
    /** All of these hold; of none, everything does. */
    and?: readonly Filter<Row>[];
    /** One of these holds; of none, nothing does. */
    or?: readonly Filter<Row>[];
    /** This does not hold. */
    not?: Filter<Row>;
  };
