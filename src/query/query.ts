import { QueryError } from "../base/errors/mod.ts";
import type { AnyModel, InsertOf, RelationsOf, RowOf } from "../model/types.ts";
import type { Rows } from "./statement/statement.ts";
import { bulkInsert, bulkUpsert } from "./write/bulk.ts";
import { assertOptions } from "./method_options.ts";
import { count, exists } from "./read/count.ts";
import { getOrCreate } from "./write/get_or_create.ts";
import type { Executor } from "./statement/executor.ts";
import type { Filter } from "./filter/filter.ts";
import {
  batchOf,
  type Models,
  oneOf,
  readOf,
  type ReadOptions,
  rowsOf,
  streamOf,
} from "./read/find.ts";
import type { FindOptions, Found, PageOptions } from "./read/options.ts";
import { pageOf, type Pagination } from "./read/page.ts";
import type { UnitOfWork } from "./session/session.ts";
import { bulkUpdate, deleteAll, updateAll } from "./write/update.ts";

/** Where queries run, and with which session and models. */
export interface Scope {
  /** The connection or the transaction. */
  readonly executor: Executor;
  /** The session that `update` and `delete` mark in. */
  readonly session: () => UnitOfWork;
  /** The connection's models, which relations name. */
  readonly models: Models;
}

/**
 * Queries on one model, the same on every engine. `db.query(Model)` makes one.
 * Every method checks its names and values before anything is sent, and throws
 * {@link QueryError} or `ValidationError` with the wrong name and the nearest
 * right one.
 *
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ SQL: { ENGINE: "pglite", DB_NAME: "memory://" } });
 * await db.createDb();
 * const objects = db.query(AstroObject);
 * await objects.bulkInsert([{ oid: "ZTF18aaxlzgi", ndet: 3 }, { oid: "ZTF18aazxcwf", ndet: 1 }]);
 * const often = await objects.findAll({
 *   filterBy: { ndet: { gte: 2 } },
 *   select: ["oid"],
 * });
 * assert.deepEqual(often.map(({ oid }) => oid), ["ZTF18aaxlzgi"]);
 * ```
 */
export class Query<
  M extends AnyModel,
  Row extends object = RowOf<M>,
  Insert extends object = InsertOf<M>,
> {
  readonly #model: M;
  readonly #scope: Scope;

  /** Made by `db.query(Model)`. */
  constructor(model: M, scope: Scope) {
    this.#model = model;
    this.#scope = scope;
  }

  /**
   * One page of rows.
   * @param options `page` from 1, `perPage` 10, `count` true, `maxResults` 50,000, `after`
   */
  async find<
    S extends keyof RowOf<M> = keyof RowOf<M>,
    I extends keyof RelationsOf<M> = never,
  >(
    options: FindOptions<M, S, I> & PageOptions = {},
  ): Promise<Pagination<Found<M, S, I>>> {
    assertOptions(this.#model, "find", options);
    const { executor, models } = this.#scope;
    return await trusted(pageOf(executor, this.#model, options, models));
  }

  /** The same as {@link Query.find}. */
  paginate<
    S extends keyof RowOf<M> = keyof RowOf<M>,
    I extends keyof RelationsOf<M> = never,
  >(
    options: FindOptions<M, S, I> & PageOptions = {},
  ): Promise<Pagination<Found<M, S, I>>> {
    return this.find(options);
  }

  /** All rows that match, in memory. For more than memory holds there is {@link Query.stream}. */
  async findAll<
    S extends keyof RowOf<M> = keyof RowOf<M>,
    I extends keyof RelationsOf<M> = never,
  >(
    options: FindOptions<M, S, I> & { limit?: number; offset?: number } = {},
  ): Promise<Found<M, S, I>[]> {
    assertOptions(this.#model, "findAll", options);
    return await trusted(rowsOf(this.#scope.executor, this.#read(options)));
  }

  /** The first row in the order asked for, or null. */
  async first<
    S extends keyof RowOf<M> = keyof RowOf<M>,
    I extends keyof RelationsOf<M> = never,
  >(options: FindOptions<M, S, I> = {}): Promise<Found<M, S, I> | null> {
    assertOptions(this.#model, "first", options);
    const wanted = this.#read({ ...options, limit: 1 });
    const [row] = await rowsOf(this.#scope.executor, wanted);
    return await trusted(Promise.resolve(row ?? null));
  }

  /**
   * The one row that matches, or null.
   * @throws {MultipleRowsError} when two match, on every engine
   */
  async findOne<I extends keyof RelationsOf<M> = never>(
    options: { filterBy: Filter<Row>; include?: readonly I[] },
  ): Promise<Row & Pick<RelationsOf<M>, I> | null> {
    assertOptions(this.#model, "findOne", options);
    const { statement, ...rest } = this.#read(options);
    const wanted = { statement: { ...statement, limit: 2 }, ...rest };
    return await trusted(oneOf(this.#scope.executor, wanted));
  }

  /** Whether any row matches. */
  async checkExists(
    options: { filterBy?: Filter<Row> } = {},
  ): Promise<boolean> {
    assertOptions(this.#model, "checkExists", options);
    return await exists(this.#scope.executor, this.#model, options);
  }

  /**
   * How many rows match.
   * @param options `max` stops the counting there
   */
  async count(
    options: { filterBy?: Filter<Row>; max?: number } = {},
  ): Promise<number> {
    assertOptions(this.#model, "count", options);
    return await count(this.#scope.executor, this.#model, options);
  }

  /**
   * Rows one by one, in constant memory; leaving the loop early frees the
   * connection.
   * @param options `batchSize` rows are fetched at a time: 2,000
   */
  stream<
    S extends keyof RowOf<M> = keyof RowOf<M>,
    I extends keyof RelationsOf<M> = never,
  >(
    options: FindOptions<M, S, I> & { batchSize?: number } = {},
  ): AsyncIterable<Found<M, S, I>> {
    assertOptions(this.#model, "stream", options);
    const size = batchOf(this.#model, options.batchSize);
    const rows = streamOf(this.#scope.executor, this.#read(options), size);
    return rows as AsyncIterable<Found<M, S, I>>;
  }

  /**
   * The row that `filterBy` names, or a new one made of its values and the
   * attributes: one round trip, a second only after a lost race. A row that is
   * there is never written, and the attributes are only checked when it is not.
   *
   * @param options `filterBy` gives one value for each field of the primary or
   * a unique key
   * @throws {DuplicateKeyError} where the key is taken by a row that differs in
   * the rest of `filterBy`, or another unique key is taken
   */
  async getOrCreate(
    { filterBy, ...attributes }: { filterBy: Filter<Row> } & Partial<Insert>,
  ): Promise<[row: Row, created: boolean]> {
    return await trusted(
      getOrCreate(this.#scope.executor, this.#model, filterBy, attributes),
    );
  }

  /**
   * Writes many new rows in one transaction, or inside the one at hand: all of
   * them or, where one cannot be written, none.
   *
   * @param options with `onConflict: "ignore"`, the default, rows whose primary
   * or unique key is there are passed over, and of rows with one key the first
   * counts; with `"error"` they are a `DuplicateKeyError`
   */
  async bulkInsert(
    rows: Rows<Insert>,
    options: { onConflict?: "ignore" | "error" } = {},
  ): Promise<{ inserted: number; ignored: number }> {
    assertOptions(this.#model, "bulkInsert", options);
    return await bulkInsert(
      this.#scope.executor,
      this.#model,
      rows,
      options.onConflict,
    );
  }

  /**
   * Writes many rows, new or there, in one transaction. Only the fields that a
   * row gives are overwritten. Rows are taken in turn, those with one key too.
   *
   * @param options `conflict` is the key that decides whether a row is there,
   * the primary one by default; `update` the fields to overwrite, those given by
   * default and none where the list is empty; `prefer` lets a row win over
   * another, in the batch or the table, when these fields, compared in order, are
   * greater: null is least, and on a tie the later row wins. A row that wins
   * writes the fields it won by too, for the next is compared with it
   * @returns how many rows were made, changed, and passed over because they
   * lost or would have changed nothing; together, the rows given. Rows with one
   * key that go to the database together count as one, and as unchanged beyond
   * it; far apart, or with other fields, each may count as a change
   */
  async bulkUpsert(
    rows: Rows<Partial<Insert>>,
    options: {
      conflict?: readonly (keyof Row)[];
      update?: readonly (keyof Row)[];
      prefer?: readonly (keyof Row)[];
    } = {},
  ): Promise<{ inserted: number; updated: number; unchanged: number }> {
    assertOptions(this.#model, "bulkUpsert", options);
    return await bulkUpsert(this.#scope.executor, this.#model, rows, options);
  }

  /**
   * Changes the instance and marks it in the session, whose `commit` writes it.
   * @returns the instance
   * @throws {QueryError} for an unknown attribute; nothing is changed then
   */
  update<R extends Row>(row: R, attributes: Partial<Insert>): R {
    this.#scope.session().update(row, attributes, this.#model);
    return row;
  }

  /** Marks the instance for removal by the session's `commit`. */
  delete(row: Row): void {
    this.#scope.session().delete(row, this.#model);
  }

  /**
   * A change of its own to each of many rows, at once and in one transaction.
   *
   * @param rows rows with their primary key and the fields to change, or
   * `[filter, attributes]` pairs
   * @returns how many rows changed, and how many keys or filters found none
   */
  async bulkUpdate(
    rows:
      | Rows<Partial<Insert>>
      | readonly (readonly [Filter<Row>, Partial<Insert>])[],
  ): Promise<{ updated: number; missing: number }> {
    return await bulkUpdate(this.#scope.executor, this.#model, rows);
  }

  /**
   * The same change to every row that matches, at once.
   * @returns how many rows matched
   */
  async updateAll(
    options: { filterBy: Filter<Row>; set: Partial<Insert> },
  ): Promise<number> {
    assertOptions(this.#model, "updateAll", options);
    return await updateAll(this.#scope.executor, this.#model, options);
  }

  /**
   * Removes every row that matches, at once.
   * @param options `all: true` is needed where the filter is empty
   * @returns how many rows went
   */
  async deleteAll(
    options: { filterBy: Filter<Row>; all?: true },
  ): Promise<number> {
    assertOptions(this.#model, "deleteAll", options);
    return await deleteAll(this.#scope.executor, this.#model, options);
  }

  /** On SQL, a Kysely select of this model's rows, decoded like `findAll`. */
  get kysely(): unknown {
    const select = this.#scope.executor.native?.(this.#model);
    if (select !== undefined) return select;
    throw new QueryError("This engine has no Kysely", { field: "kysely" });
  }

  #read(options: ReadOptions): ReturnType<typeof readOf> {
    return readOf(this.#model, options, this.#scope.models);
  }
}

/** Rows come from the engine as the model declares them; here they get its types. */
function trusted<T>(rows: Promise<unknown>): Promise<T> {
  return rows as Promise<T>;
}
