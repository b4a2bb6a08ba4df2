import { QueryError } from "../base/errors/mod.ts";
import type { AnyModel, InsertOf, RelationsOf, RowOf } from "../model/types.ts";
import type { Rows } from "./statement/statement.ts";
import type { Filter } from "./filter/filter.ts";
import type { FindOptions, Found, PageOptions } from "./read/options.ts";
import type { Pagination } from "./read/page.ts";
import { Query, type Scope } from "./query.ts";

/** The model of one call. */
export interface OfModel<M extends AnyModel> {
  /** The model. */
  model: M;
}

/**
 * Queries with the model as an option of each call:
 * `db.query().find({ model: Detection, … })`. The methods are those of {@link Query}.
 */
export class UnboundQuery {
  readonly #scope: Scope;

  /** `db.query()` calls this. */
  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** {@link Query.find} */
  find<
    M extends AnyModel,
    S extends keyof RowOf<M> = keyof RowOf<M>,
    I extends keyof RelationsOf<M> = never,
  >(
    { model, ...options }: OfModel<M> & FindOptions<M, S, I> & PageOptions,
  ): Promise<Pagination<Found<M, S, I>>> {
    return this.#of(model).find(options);
  }

  /** {@link Query.paginate} */
  paginate<
    M extends AnyModel,
    S extends keyof RowOf<M> = keyof RowOf<M>,
    I extends keyof RelationsOf<M> = never,
  >(
    { model, ...options }: OfModel<M> & FindOptions<M, S, I> & PageOptions,
  ): Promise<Pagination<Found<M, S, I>>> {
    return this.#of(model).paginate(options);
  }

  /** {@link Query.findAll} */
  findAll<
    M extends AnyModel,
    S extends keyof RowOf<M> = keyof RowOf<M>,
    I extends keyof RelationsOf<M> = never,
  >(
    { model, ...options }:
      & OfModel<M>
      & FindOptions<M, S, I>
      & { limit?: number; offset?: number },
  ): Promise<Found<M, S, I>[]> {
    return this.#of(model).findAll(options);
  }

  /** {@link Query.first} */
  first<
    M extends AnyModel,
    S extends keyof RowOf<M> = keyof RowOf<M>,
    I extends keyof RelationsOf<M> = never,
  >(
    { model, ...options }: OfModel<M> & FindOptions<M, S, I>,
  ): Promise<Found<M, S, I> | null> {
    return this.#of(model).first(options);
  }

  /** {@link Query.findOne} */
  findOne<M extends AnyModel, I extends keyof RelationsOf<M> = never>(
    { model, ...options }:
      & OfModel<M>
      & { filterBy: Filter<RowOf<M>>; include?: readonly I[] },
  ): Promise<RowOf<M> & Pick<RelationsOf<M>, I> | null> {
    return this.#of(model).findOne(options);
  }

  /** {@link Query.checkExists} */
  checkExists<M extends AnyModel>(
    { model, ...options }: OfModel<M> & { filterBy?: Filter<RowOf<M>> },
  ): Promise<boolean> {
    return this.#of(model).checkExists(options);
  }

  /** {@link Query.count} */
  count<M extends AnyModel>(
    { model, ...options }:
      & OfModel<M>
      & { filterBy?: Filter<RowOf<M>>; max?: number },
  ): Promise<number> {
    return this.#of(model).count(options);
  }

  /** {@link Query.stream} */
  stream<
    M extends AnyModel,
    S extends keyof RowOf<M> = keyof RowOf<M>,
    I extends keyof RelationsOf<M> = never,
  >(
    { model, ...options }:
      & OfModel<M>
      & FindOptions<M, S, I>
      & { batchSize?: number },
  ): AsyncIterable<Found<M, S, I>> {
    return this.#of(model).stream(options);
  }

  /** {@link Query.getOrCreate} */
  getOrCreate<M extends AnyModel>(
    { model, ...options }:
      & OfModel<M>
      & { filterBy: Filter<RowOf<M>> }
      & Partial<InsertOf<M>>,
  ): Promise<[row: RowOf<M>, created: boolean]> {
    const rest: object = options;
    return this.#of(model).getOrCreate(
      rest as Parameters<Query<M>["getOrCreate"]>[0],
    );
  }

  /** {@link Query.insert}: `db.query().insert({ model: Detection, oid, … })` */
  insert<M extends AnyModel>(
    { model, ...row }: OfModel<M> & InsertOf<M>,
  ): Promise<RowOf<M>> {
    const rest: object = row;
    return this.#of(model).insert(rest as InsertOf<M>);
  }

  /** {@link Query.bulkInsert} */
  bulkInsert<M extends AnyModel>(
    rows: Rows<InsertOf<M>>,
    { model, ...options }: OfModel<M> & { onConflict?: "ignore" | "error" },
  ): Promise<{ inserted: number; ignored: number }> {
    return this.#of(model).bulkInsert(rows, options);
  }

  /** {@link Query.bulkUpsert} */
  bulkUpsert<M extends AnyModel>(
    rows: Rows<Partial<InsertOf<M>>>,
    { model, ...options }: OfModel<M> & {
      conflict?: readonly (keyof RowOf<M>)[];
      update?: readonly (keyof RowOf<M>)[];
      prefer?: readonly (keyof RowOf<M>)[];
    },
  ): Promise<{ inserted: number; updated: number; unchanged: number }> {
    return this.#of(model).bulkUpsert(rows, options);
  }

  /**
   * {@link Query.update}, with the model of the row. Rows that no query returned
   * require `db.query(Model)`.
   */
  update<Row extends object>(row: Row, attributes: Partial<Row>): Row {
    this.#scope.session().update(row, attributes, undefined);
    return row;
  }

  /** {@link Query.delete}, with the model of the row. */
  delete(row: object): void {
    this.#scope.session().delete(row, undefined);
  }

  /** {@link Query.bulkUpdate} */
  bulkUpdate<M extends AnyModel>(
    rows:
      | Rows<Partial<InsertOf<M>>>
      | readonly (readonly [Filter<RowOf<M>>, Partial<InsertOf<M>>])[],
    { model }: OfModel<M>,
  ): Promise<{ updated: number; missing: number }> {
    return this.#of(model).bulkUpdate(rows);
  }

  /** {@link Query.updateAll} */
  updateAll<M extends AnyModel>(
    { model, ...options }:
      & OfModel<M>
      & { filterBy: Filter<RowOf<M>>; set: Partial<InsertOf<M>> },
  ): Promise<number> {
    return this.#of(model).updateAll(options);
  }

  /** {@link Query.deleteAll} */
  deleteAll<M extends AnyModel>(
    { model, ...options }:
      & OfModel<M>
      & { filterBy: Filter<RowOf<M>>; all?: true },
  ): Promise<number> {
    return this.#of(model).deleteAll(options);
  }

  #of<M extends AnyModel>(model: M | undefined): Query<M> {
    if (model !== undefined) return new Query(model, this.#scope);
    throw new QueryError(
      "Cannot query without a model: call db.query(Model), or pass model in the options",
      { field: "model" },
    );
  }
}
