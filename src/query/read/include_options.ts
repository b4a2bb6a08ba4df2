import type { AnyModel, RelationsOf, RowOf } from "../../model/types.ts";
import type { ModelOf, RelatedFilter } from "../filter/filter.ts";
import type { OrderBy } from "./order.ts";

/**
 * The relations to load with rows: `["detections"]`, or an object of
 * {@link IncludeOptions}. `Models` are the models of the connection.
 */
export type Include<M extends AnyModel, Models extends AnyModel = M> =
  | readonly (keyof RelationsOf<M>)[]
  | (
    & {
      readonly [Name in keyof RelationsOf<M>]?: IncludeOptions<
        RelationsOf<M>[Name],
        Models | M
      >;
    }
    & NoList
  );

/**
 * An object that is not a list.
 * @internal
 */
interface NoList {
  readonly [Symbol.iterator]?: never;
}

/** What to load of a relation: `true` for all of it, or options. A relation to one row has only `select` and `include`. */
export type IncludeOptions<Relation, Models extends AnyModel = never> =
  | true
  | ([Relation] extends [readonly (infer Item)[]] ? ManyOptions<Item, Models>
    : OneOptions<NonNullable<Relation>, Models>);

/** What to load of a relation to one row. */
export interface OneOptions<Item, Models extends AnyModel = never> {
  /** The fields to read; all by default. */
  readonly select?: readonly (keyof KnownRow<Item, Models>)[];
  /** The relations to load with the related rows. */
  readonly include?: [ModelOf<Item, Models>] extends [never]
    ? readonly string[] | { readonly [name: string]: true | UnknownOptions }
    : Include<ModelOf<Item, Models>, Models>;
}

/**
 * Options for the rows of an unknown model.
 * @internal
 */
interface UnknownOptions {
  readonly [option: string]: unknown;
}

/** What to load of a relation to many rows. */
export interface ManyOptions<Item, Models extends AnyModel = never>
  extends OneOptions<Item, Models> {
  /** The related rows to load; all by default. */
  readonly filterBy?: RelatedFilter<Item, Models>;
  /** The order of the related rows of each row. The order of the relation and the primary key follow. */
  readonly orderBy?: OrderBy<KnownRow<Item, Models>>;
  /** The maximum number of related rows of each row; 0 returns none. */
  readonly limit?: number;
}

/** The relations whose rows are counted: `["detections"]`, or an object with a filter for each. */
export type Counts<M extends AnyModel, Models extends AnyModel = M> =
  | readonly (keyof RelationsOf<M>)[]
  | (
    & {
      readonly [Name in keyof RelationsOf<M>]?:
        | true
        | {
          readonly filterBy?: RelatedFilter<
            ItemOf<RelationsOf<M>[Name]>,
            Models | M
          >;
        };
    }
    & NoList
  );

/**
 * The row of a relation.
 * @internal
 */
type ItemOf<Relation> = [Relation] extends [readonly (infer Item)[]] ? Item
  : NonNullable<Relation>;

/**
 * Related rows as their model declares them, if it is known.
 * @internal
 */
type KnownRow<Item, Models extends AnyModel> = [ModelOf<Item, Models>] extends
  [never] ? Item
  : RowOf<ModelOf<Item, Models>>;

/**
 * The selected fields of a row; all if `Select` is never.
 * @internal
 */
export type Selected<Row, Select> = [Select] extends [never] ? Row
  : { [F in Select & keyof Row]: Row[F] };

/**
 * What `include` adds to a row.
 * @internal
 */
export type Included<Relations, Given, Models extends AnyModel> = Given extends
  readonly (infer Name)[] ? {
    [N in Name & keyof Relations]: RelatedRows<Relations[N], true, Models>;
  }
  : {
    -readonly [N in keyof Given & keyof Relations]-?: RelatedRows<
      Relations[N],
      Given[N],
      Models
    >;
  };

/**
 * What `counts` adds to a row.
 * @internal
 */
export interface Counted<Given> {
  /** The numbers of related rows. */
  counts: {
    [
      N in Given extends readonly (infer Name)[] ? Name & PropertyKey
        : keyof Given
    ]: number;
  };
}

/**
 * An object type as one list of properties, which editors show.
 * @internal
 */
export type Flat<T> = { [Name in keyof T]: T[Name] } & Plain;

/**
 * Keeps the name of the type around it out of editors.
 * @internal
 */
// deno-lint-ignore ban-types -- every object has this type
type Plain = {};

/** @internal */
type RelatedRows<Relation, Given, Models extends AnyModel> = unknown extends
  Relation ? unknown
  : [Relation] extends [readonly (infer Item)[]]
    ? RelatedItem<Item, Given, Models>[]
  : RelatedItem<NonNullable<Relation>, Given, Models> | null;

/** @internal */
type RelatedItem<Item, Given, Models extends AnyModel> =
  [ModelOf<Item, Models>] extends [never]
    ? Shaped<Item, { [name: string]: unknown }, Given, Models>
    : Shaped<
      RowOf<ModelOf<Item, Models>>,
      RelationsOf<ModelOf<Item, Models>>,
      Given,
      Models
    >;

/** @internal */
type Shaped<Row, Relations, Given, Models extends AnyModel> = Given extends
  { readonly include: infer Inner } ? Flat<
    & Selected<Row, SelectOf<Given>>
    & Included<Relations, Inner, Models>
  >
  : Selected<Row, SelectOf<Given>>;

/** @internal */
type SelectOf<Given> = Given extends
  { readonly select: readonly (infer Name)[] } ? Name : never;

/**
 * `Given`, with `never` in place of every property that `Allowed` does not have,
 * at every depth: TypeScript finds such properties only where nothing is inferred.
 * @internal
 */
export type Exact<Given, Allowed> = unknown extends Allowed ? unknown
  : Given extends readonly unknown[] ? {
      [Index in keyof Given]: Exact<
        Given[Index],
        Allowed extends readonly (infer Item)[] ? Item : never
      >;
    }
  : Given extends Date | Uint8Array ? unknown
  : Given extends object ? {
      [Name in keyof Given]: Name extends NamesIn<Allowed>
        ? Exact<Given[Name], ValueIn<Allowed, Name>>
        : never;
    }
  : Given extends Allowed ? unknown
  : never;

/** @internal */
type NamesIn<T> = T extends object ? keyof T : never;

/** @internal */
type ValueIn<T, Name> = T extends object
  ? Name extends keyof T ? T[Name] : never
  : never;
