import { QueryError } from "../base/errors/mod.ts";
import type { AnyModel, InsertOf, KeyOf, RowOf } from "../model/types.ts";
import type { Rows } from "./statement/statement.ts";
import type { Filter, FullFilter } from "./filter/filter.ts";
import type {
  Aggregate,
  AggregateOptions,
  OrderedByGroups,
} from "./read/aggregate_options.ts";
import type {
  CrossmatchOptions,
  Match,
  Target,
} from "./read/crossmatch_options.ts";
import type { Counts, Include } from "./read/include_options.ts";
import type { RowLockOptions } from "./read/lock.ts";
import type { Asked, Found, PageOptions } from "./read/options.ts";
import type { OrderBy } from "./read/order.ts";
import type { Pagination } from "./read/page.ts";
import type { CallOptions } from "./statement/call_options.ts";
import type { Graph, GraphRow } from "./write/graph.ts";
import type { SetOf } from "./write/expressions.ts";
import type { MergeRules } from "./write/merge_rules.ts";
import type { WithRows, Written } from "./write/returning.ts";
import { Query } from "./query.ts";
import type { Scope } from "./scope.ts";

/** The model of one call. */
export interface OfModel<M extends AnyModel> {
  /** The model. */
  model: M;
}

/**
 * Queries with the model as an option of each call:
 * `db.query().find({ model: Detection, … })`. The methods are those of {@link Query}.
 */
export class UnboundQuery<
  Models extends readonly AnyModel[] = readonly AnyModel[],
> {
  readonly #scope: Scope;

  /** `db.query()` calls this. */
  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** {@link Query.find} */
  find<
    M extends AnyModel,
    S extends keyof RowOf<M> = never,
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
    const O extends OrderBy<RowOf<M>> | "distance" = never,
  >(
    options: OfModel<M> & Asked<M, S, I, C, Models[number], O> & PageOptions,
  ): Promise<Pagination<Found<M, S, I, C, Models[number], O>>> {
    const { model, ...rest } = given(options);
    return this.#of(model).find<S, I, C, O>(rest);
  }

  /** {@link Query.paginate} */
  paginate<
    M extends AnyModel,
    S extends keyof RowOf<M> = never,
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
    const O extends OrderBy<RowOf<M>> | "distance" = never,
  >(
    options: OfModel<M> & Asked<M, S, I, C, Models[number], O> & PageOptions,
  ): Promise<Pagination<Found<M, S, I, C, Models[number], O>>> {
    const { model, ...rest } = given(options);
    return this.#of(model).paginate<S, I, C, O>(rest);
  }

  /** {@link Query.findAll} */
  findAll<
    M extends AnyModel,
    S extends keyof RowOf<M> = never,
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
    const O extends OrderBy<RowOf<M>> | "distance" = never,
  >(
    options:
      & OfModel<M>
      & Asked<M, S, I, C, Models[number], O>
      & RowLockOptions
      & { limit?: number; offset?: number },
  ): Promise<Found<M, S, I, C, Models[number], O>[]> {
    const { model, ...rest } = given(options);
    return this.#of(model).findAll<S, I, C, O>(rest);
  }

  /** {@link Query.first} */
  first<
    M extends AnyModel,
    S extends keyof RowOf<M> = never,
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
    const O extends OrderBy<RowOf<M>> | "distance" = never,
  >(
    options: OfModel<M> & Asked<M, S, I, C, Models[number], O>,
  ): Promise<Found<M, S, I, C, Models[number], O> | null> {
    const { model, ...rest } = given(options);
    return this.#of(model).first<S, I, C, O>(rest);
  }

  /** {@link Query.findOne} */
  findOne<
    M extends AnyModel,
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
  >(
    options:
      & OfModel<M>
      & { filterBy: FullFilter<M, Models[number]> }
      & Pick<
        Asked<M, never, I, C, Models[number]>,
        "include" | "counts" | keyof CallOptions
      >,
  ): Promise<Found<M, never, I, C, Models[number]> | null> {
    const { model, ...rest } = given(options);
    return this.#of(model).findOne<I, C>(rest);
  }

  /** {@link Query.checkExists} */
  checkExists<M extends AnyModel>(
    options:
      & OfModel<M>
      & { filterBy?: FullFilter<M, Models[number]> }
      & CallOptions,
  ): Promise<boolean> {
    const { model, ...rest } = given(options);
    return this.#of(model).checkExists(rest);
  }

  /** {@link Query.count} */
  count<M extends AnyModel>(
    options:
      & OfModel<M>
      & { filterBy?: FullFilter<M, Models[number]>; max?: number }
      & CallOptions,
  ): Promise<number> {
    const { model, ...rest } = given(options);
    return this.#of(model).count(rest);
  }

  /** {@link Query.aggregate} */
  aggregate<
    M extends AnyModel,
    const O extends AggregateOptions<M, keyof RowOf<M>, Models[number]>,
  >(
    options:
      & OfModel<M>
      & O
      & OrderedByGroups<O>
      & {
        [Name in Exclude<keyof O, keyof AggregateOptions<M> | "model">]: never;
      },
  ): Promise<Aggregate<RowOf<M>, O>[]> {
    const { model, ...others } = given(options);
    const rest: object = others;
    return this.#of(model).aggregate(
      rest as Parameters<Query<M>["aggregate"]>[0],
    ) as Promise<Aggregate<RowOf<M>, O>[]>;
  }

  /** {@link Query.countBy} */
  countBy<M extends AnyModel, F extends keyof RowOf<M>>(
    field: F,
    options:
      & OfModel<M>
      & { filterBy?: FullFilter<M, Models[number]> }
      & CallOptions,
  ): Promise<Map<RowOf<M>[F], number>> {
    const { model, ...rest } = given(options);
    return this.#of(model).countBy(field, rest);
  }

  /** {@link Query.distinct} */
  distinct<M extends AnyModel, F extends keyof RowOf<M>>(
    field: F,
    options:
      & OfModel<M>
      & { filterBy?: FullFilter<M, Models[number]> }
      & CallOptions,
  ): Promise<RowOf<M>[F][]> {
    const { model, ...rest } = given(options);
    return this.#of(model).distinct(field, rest);
  }

  /** {@link Query.stream} */
  stream<
    M extends AnyModel,
    S extends keyof RowOf<M> = never,
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
    const O extends OrderBy<RowOf<M>> | "distance" = never,
  >(
    options:
      & OfModel<M>
      & Asked<M, S, I, C, Models[number], O>
      & { batchSize?: number },
  ): AsyncIterable<Found<M, S, I, C, Models[number], O>> {
    const { model, ...rest } = given(options);
    return this.#of(model).stream<S, I, C, O>(rest);
  }

  /** {@link Query.crossmatch} */
  crossmatch<
    M extends AnyModel,
    T extends Target,
    S extends keyof RowOf<M> = never,
  >(
    targets: Rows<T>,
    options: OfModel<M> & CrossmatchOptions<M, S, Models[number]>,
  ): AsyncIterable<Match<T, Found<M, S>>> {
    const { model, ...rest } = given(options);
    return this.#of(model).crossmatch<T, S>(targets, rest);
  }

  /** {@link Query.getOrCreate} */
  getOrCreate<M extends AnyModel>(
    options:
      & OfModel<M>
      & { filterBy: Filter<RowOf<M>> }
      & Partial<InsertOf<M>>,
    callOptions?: CallOptions,
  ): Promise<[row: RowOf<M>, created: boolean]> {
    const { model, ...attributes } = given(options);
    const rest: object = attributes;
    return this.#of(model).getOrCreate(
      rest as Parameters<Query<M>["getOrCreate"]>[0],
      callOptions,
    );
  }

  /** {@link Query.insert}: `db.query().insert({ model: Detection, oid, … })` */
  insert<M extends AnyModel>(
    options: OfModel<M> & InsertOf<M>,
    callOptions?: CallOptions,
  ): Promise<RowOf<M>> {
    const { model, ...row } = given(options);
    const rest: object = row;
    return this.#of(model).insert(rest as InsertOf<M>, callOptions);
  }

  /** {@link Query.insertGraph}: `db.query().insertGraph({ model: AstroObject, oid, … })` */
  insertGraph<M extends AnyModel>(
    options: OfModel<M> & Graph<M, Models[number]>,
    callOptions?: CallOptions,
  ): Promise<GraphRow<M, Models[number]>> {
    const { model, ...row } = given(options);
    const rest: object = row;
    return this.#of(model).insertGraph(
      rest as Graph<M, Models[number]>,
      callOptions,
    );
  }

  /** {@link Query.bulkInsert} */
  bulkInsert<M extends AnyModel, R extends keyof RowOf<M> = never>(
    rows: Rows<InsertOf<M>>,
    options:
      & OfModel<M>
      & { onConflict?: "ignore" | "error"; returning?: readonly R[] }
      & CallOptions,
  ): Promise<WithRows<{ inserted: number; ignored: number }, RowOf<M>, R>> {
    const { model, ...rest } = given(options);
    return this.#of(model).bulkInsert<R>(rows, rest);
  }

  /** {@link Query.bulkUpsert} */
  bulkUpsert<
    M extends AnyModel,
    K extends keyof RowOf<M> = KeyOf<M>,
    R extends keyof RowOf<M> = never,
  >(
    rows: Rows<Partial<InsertOf<M>>>,
    options: OfModel<M> & {
      conflict?: readonly K[];
      update?: readonly (keyof RowOf<M>)[];
      prefer?: readonly (keyof RowOf<M>)[];
      merge?: MergeRules<RowOf<M>, NoInfer<K>>;
      returning?: readonly R[];
    } & CallOptions,
  ): Promise<
    WithRows<
      { inserted: number; updated: number; unchanged: number },
      RowOf<M>,
      R
    >
  > {
    const { model, ...rest } = given(options);
    return this.#of(model).bulkUpsert<K, R>(rows, rest);
  }

  /**
   * {@link Query.update}, with the model of the row. Rows that no query returned
   * require `db.query(Model)`.
   */
  update<Row extends object>(row: Row, attributes: SetOf<Row>): Row {
    this.#scope.session().update(row, attributes, undefined);
    return row;
  }

  /** {@link Query.delete}, with the model of the row. */
  delete(row: object): void {
    this.#scope.session().delete(row, undefined);
  }

  /** {@link Query.bulkUpdate} */
  bulkUpdate<M extends AnyModel, R extends keyof RowOf<M> = never>(
    rows:
      | Rows<SetOf<InsertOf<M>, KeyOf<M>>>
      | readonly (readonly [
        FullFilter<M, Models[number]>,
        SetOf<InsertOf<M>, KeyOf<M>>,
      ])[],
    options: OfModel<M> & { returning?: readonly R[] } & CallOptions,
  ): Promise<
    WithRows<
      { updated: number; missing: number; unchanged?: number },
      RowOf<M>,
      R
    >
  > {
    const { model, ...rest } = given(options);
    return this.#of(model).bulkUpdate<R>(rows, rest);
  }

  /** {@link Query.updateAll} */
  updateAll<M extends AnyModel, R extends keyof RowOf<M> = never>(
    options:
      & OfModel<M>
      & {
        filterBy: FullFilter<M, Models[number]>;
        set: SetOf<InsertOf<M>, KeyOf<M>>;
        returning?: readonly R[];
      }
      & CallOptions,
  ): Promise<Written<RowOf<M>, R, "updated">> {
    const { model, ...rest } = given(options);
    return this.#of(model).updateAll<R>(rest);
  }

  /** {@link Query.deleteAll} */
  deleteAll<M extends AnyModel, R extends keyof RowOf<M> = never>(
    options:
      & OfModel<M>
      & {
        filterBy: FullFilter<M, Models[number]>;
        all?: true;
        returning?: readonly R[];
      }
      & CallOptions,
  ): Promise<Written<RowOf<M>, R, "deleted">> {
    const { model, ...rest } = given(options);
    return this.#of(model).deleteAll<R>(rest);
  }

  #of<M extends AnyModel>(
    model: M,
  ): Query<M, RowOf<M>, InsertOf<M>, Models> {
    return new Query(model, this.#scope);
  }
}

/** @throws {QueryError} if the options are not an object */
function given<Options extends object>(options: Options): Options {
  if (typeof options === "object" && options !== null) return options;
  throw new QueryError(
    "Cannot query without a model: call db.query(Model), or pass options with model",
    { field: "model" },
  );
}
