import type { AnyModel, RowOf } from "../../model/types.ts";
import type { FullFilter } from "../filter/filter.ts";
import type { CallOptions } from "../statement/call_options.ts";

/** A position to match; the match returns the object with all its other properties. */
export interface Target {
  /** Right ascension in degrees, 0 to 360. */
  readonly ra: number;
  /** Declination in degrees, -90 to 90. */
  readonly dec: number;
  /** The greatest distance in arcseconds; that of the options by default. */
  readonly radius?: number | undefined;
}

/** Options of a cross-match. */
export interface CrossmatchOptions<
  M extends AnyModel,
  Select extends keyof RowOf<M> = keyof RowOf<M>,
  Models extends AnyModel = M,
> extends CallOptions {
  /** The greatest distance in arcseconds, 0 to 648,000, for targets without a `radius`. */
  radius?: number;
  /** The number of nearest rows of each target; all rows within the radius by default. */
  nearest?: number;
  /** The fields to read; all by default. */
  select?: readonly Select[];
  /** Which rows can match; all by default. */
  filterBy?: FullFilter<M, Models>;
  /** The most rows that one target may have without `nearest` (default: 1,000); a target with more is an error. */
  maxPerTarget?: number;
}

/** A target and one of its rows. */
export interface Match<T, Row> {
  /** The target itself. */
  target: T;
  /** The row. */
  row: Row;
  /** Their distance in arcseconds. */
  distance: number;
}
