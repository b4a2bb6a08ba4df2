import type {
  AnyModel,
  InsertOf,
  RelationsOf,
  RowOf,
} from "../../model/types.ts";
import type { ModelOf } from "../filter/filter.ts";

/**
 * A row to insert with its related rows, which have related rows of their own.
 * Fields that refer to the row around it may be left out. `Models` are the models
 * of the connection.
 */
export type Graph<M extends AnyModel, Models extends AnyModel = M> =
  & Partial<InsertOf<M>>
  & {
    [Name in keyof RelationsOf<M>]?: GraphOf<RelationsOf<M>[Name], Models | M>;
  };

/** A row that was inserted, with the related rows that were inserted with it. */
export type GraphRow<M extends AnyModel, Models extends AnyModel = M> =
  & RowOf<M>
  & {
    [Name in keyof RelationsOf<M>]?: GraphRowOf<
      RelationsOf<M>[Name],
      Models | M
    >;
  };

/** @internal */
type GraphOf<Relation, Models extends AnyModel> = [Relation] extends
  [readonly (infer Item)[]] ? readonly GraphItem<Item, Models>[]
  : GraphItem<NonNullable<Relation>, Models> | null;

/** @internal */
type GraphItem<Item, Models extends AnyModel> = [ModelOf<Item, Models>] extends
  [never] ? Partial<Item>
  : Graph<ModelOf<Item, Models>, Models>;

/** @internal */
type GraphRowOf<Relation, Models extends AnyModel> = [Relation] extends
  [readonly (infer Item)[]] ? GraphRowItem<Item, Models>[]
  : GraphRowItem<NonNullable<Relation>, Models> | null;

/** @internal */
type GraphRowItem<Item, Models extends AnyModel> =
  [ModelOf<Item, Models>] extends [never] ? Item
    : GraphRow<ModelOf<Item, Models>, Models>;
