import { QueryError } from "../base/errors/mod.ts";
import type { AnyModel, InsertOf, KeyOf, RowOf } from "../model/types.ts";
import type { Rows } from "./statement/statement.ts";
import { bulkInsert, bulkUpsert } from "./write/bulk.ts";
import { readInLoop, runCall, type Work } from "./calls.ts";
import { assertOptions, assertOptionsObject } from "./method_options.ts";
import type { Scope } from "./scope.ts";
import { limitedRows } from "./limit/limited_rows.ts";
import { aggregate, countBy, distinct } from "./read/aggregate.ts";
import type {
  Aggregate,
  AggregateOptions,
  OrderedByGroups,
} from "./read/aggregate_options.ts";
import { count, exists } from "./read/count.ts";
import { getOrCreate } from "./write/get_or_create.ts";
import type { MergeRules } from "./write/merge_rules.ts";
import { insert } from "./write/insert.ts";
import type { Graph, GraphRow } from "./write/graph.ts";
import { insertGraph } from "./write/insert_graph.ts";
import {
  assertCallOptions,
  type CallOptions,
} from "./statement/call_options.ts";
import { observed } from "./statement/call_observer.ts";
import type { Executor } from "./statement/executor.ts";
import { compileFilter } from "./filter/compile_filter.ts";
import type { Filter, FullFilter } from "./filter/filter.ts";
import {
  batchSizeOption,
  compileRead,
  compileReadOne,
  fetchOne,
  fetchRows,
  type Read,
  type ReadOptions,
  streamRows,
} from "./read/find.ts";
import { compileCrossmatch, crossmatchRows } from "./read/crossmatch.ts";
import type {
  CrossmatchOptions,
  Match,
  Target,
} from "./read/crossmatch_options.ts";
import type { Counts, Include } from "./read/include_options.ts";
import { compileLock, locked, type RowLockOptions } from "./read/lock.ts";
import type { Asked, Found, PageOptions } from "./read/options.ts";
import type { OrderBy } from "./read/order.ts";
import { fetchPage, type Pagination } from "./read/page.ts";
import { assertModel } from "./checks/model.ts";
import { bulkUpdate } from "./write/bulk_update.ts";
import type { SetOf } from "./write/expressions.ts";
import type { WithRows, Written } from "./write/returning.ts";
import { deleteAll, updateAll } from "./write/update_delete.ts";

/**
 * Queries on one model, with the same results on every engine. `db.query(Model)`
 * returns it. Every method checks names and values before it sends a statement,
 * and throws a {@link QueryError} or `ValidationError` that contains the wrong
 * name and the most similar correct one. Every method that waits for the database
 * takes {@link CallOptions}: a `signal` and a `timeout`.
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
  Models extends readonly AnyModel[] = readonly [M],
> {
  readonly #model: M;
  readonly #scope: Scope;

  /** `db.query(Model)` calls this. */
  constructor(model: M, scope: Scope) {
    assertModel(model);
    this.#model = model;
    this.#scope = scope;
  }

  /**
   * Reads one page of rows.
   * @param options `page` (default: 1), `perPage` (10), `count` (true),
   * `maxResults` (50,000), `after`
   * @example
   * ```ts
   * import { connect } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
   * await db.createDb();
   * await db.query(AstroObject).bulkInsert([{ oid: "ZTF18a" }, { oid: "ZTF18b" }, { oid: "ZTF18c" }]);
   *
   * const page = await db.query(AstroObject).find({ orderBy: { oid: "desc" }, perPage: 2 });
   * assert.deepEqual(page.items.map(({ oid }) => oid), ["ZTF18c", "ZTF18b"]);
   * assert.equal(page.total, 3);
   * assert.deepEqual((await page.next()).items.map(({ oid }) => oid), ["ZTF18a"]);
   * ```
   */
  find<
    S extends keyof RowOf<M> = never,
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
    const O extends OrderBy<RowOf<M>> | "distance" = never,
  >(
    options: Asked<M, S, I, C, Models[number], O> & PageOptions = {},
  ): Promise<Pagination<Found<M, S, I, C, Models[number], O>>> {
    const scope = {
      models: this.#scope.models,
      call: <T>(work: (executor: Executor) => Promise<T>): Promise<T> =>
        this.#read("find", options, work),
    };
    return scope.call((executor) => {
      assertOptions(this.#model, "find", options);
      return fetchPage(executor, scope, this.#model, options);
    }) as Promise<
      Pagination<Found<M, S, I, C, Models[number], O>>
    >;
  }

  /** The same as {@link Query.find}. */
  paginate<
    S extends keyof RowOf<M> = never,
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
    const O extends OrderBy<RowOf<M>> | "distance" = never,
  >(
    options: Asked<M, S, I, C, Models[number], O> & PageOptions = {},
  ): Promise<Pagination<Found<M, S, I, C, Models[number], O>>> {
    return this.find<S, I, C, O>(options);
  }

  /**
   * Reads all rows that match into memory. For large results use {@link Query.stream}.
   * `lock` locks them until the transaction ends, on SQL.
   */
  findAll<
    S extends keyof RowOf<M> = never,
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
    const O extends OrderBy<RowOf<M>> | "distance" = never,
  >(
    options: Asked<M, S, I, C, Models[number], O> & RowLockOptions & {
      limit?: number;
      offset?: number;
    } = {},
  ): Promise<Found<M, S, I, C, Models[number], O>[]> {
    return this.#read("findAll", options, (executor) => {
      assertOptions(this.#model, "findAll", options);
      const lock = compileLock(this.#model, options);
      return fetchRows(executor, locked(this.#compiled(options), lock));
    });
  }

  /** Reads the first row in the requested order, or null if no row matches. */
  first<
    S extends keyof RowOf<M> = never,
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
    const O extends OrderBy<RowOf<M>> | "distance" = never,
  >(
    options: Asked<M, S, I, C, Models[number], O> = {},
  ): Promise<Found<M, S, I, C, Models[number], O> | null> {
    return this.#read("first", options, async (executor) => {
      assertOptions(this.#model, "first", options);
      const read = this.#compiled({ ...options, limit: 1 });
      const [row] = await fetchRows(executor, read);
      return row ?? null;
    });
  }

  /**
   * Reads the row that matches, or null if no row matches.
   * @throws {MultipleRowsError} if two rows match
   */
  findOne<
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
  >(
    options:
      & { filterBy: FullFilter<M, Models[number]> }
      & Pick<
        Asked<M, never, I, C, Models[number]>,
        "include" | "counts" | keyof CallOptions
      >,
  ): Promise<Found<M, never, I, C, Models[number]> | null> {
    return this.#read("findOne", options, (executor) => {
      assertOptions(this.#model, "findOne", options);
      const { models } = this.#scope;
      const where = compileFilter(this.#model, options.filterBy, models);
      return fetchOne(
        executor,
        compileReadOne(this.#model, options, models, where),
      );
    });
  }

  /** Returns whether at least one row matches. */
  checkExists(
    options: { filterBy?: FullFilter<M, Models[number]> } & CallOptions = {},
  ): Promise<boolean> {
    return this.#read("checkExists", options, (executor) => {
      assertOptions(this.#model, "checkExists", options);
      return exists(executor, this.#model, options, this.#scope.models);
    });
  }

  /**
   * Counts the rows that match.
   * @param options `max`: counting stops at this number
   */
  count(
    options:
      & { filterBy?: FullFilter<M, Models[number]>; max?: number }
      & CallOptions = {},
  ): Promise<number> {
    return this.#read("count", options, (executor) => {
      assertOptions(this.#model, "count", options);
      return count(executor, this.#model, options, this.#scope.models);
    });
  }

  /**
   * Computes values over the rows that match, for each group of rows with equal
   * fields.
   * @returns one result for each group; without `groupBy` one result, also of no rows
   * @throws {QueryError} if a name is unknown, or a field has no such value
   * @example
   * ```ts
   * import { connect } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
   * await db.createDb();
   * const objects = db.query(AstroObject);
   * await objects.bulkInsert([
   *   { oid: "ZTF18a", ndet: 2, firstmjd: 58000, stellar: true },
   *   { oid: "ZTF18b", ndet: 5, firstmjd: 59000, stellar: true },
   *   { oid: "ZTF18c", ndet: 1, firstmjd: 58500, stellar: false },
   * ]);
   * const groups = await objects.aggregate({
   *   groupBy: ["stellar"],
   *   count: true,
   *   min: ["firstmjd"],
   *   sum: ["ndet"],
   *   orderBy: { count: "desc" },
   * });
   * assert.deepEqual(groups, [
   *   { stellar: true, count: 2, min: { firstmjd: 58000 }, sum: { ndet: 7n } },
   *   { stellar: false, count: 1, min: { firstmjd: 58500 }, sum: { ndet: 1n } },
   * ]);
   * assert.deepEqual(await objects.countBy("stellar"), new Map([[false, 1], [true, 2]]));
   * assert.deepEqual(await objects.distinct("ndet"), [1, 2, 5]);
   * ```
   */
  aggregate<
    const O extends AggregateOptions<M, keyof RowOf<M>, Models[number]>,
  >(
    options:
      & O
      & OrderedByGroups<O>
      & { [Name in Exclude<keyof O, keyof AggregateOptions<M>>]: never },
  ): Promise<Aggregate<Row, O>[]> {
    return this.#read("aggregate", options, (executor) => {
      assertOptions(this.#model, "aggregate", options);
      return aggregate(
        executor,
        this.#model,
        { ...options },
        this.#scope.models,
      );
    });
  }

  /** Returns the number of rows for each value of a field, in the order of the values; null is last. */
  countBy<F extends keyof Row>(
    field: F,
    options: { filterBy?: FullFilter<M, Models[number]> } & CallOptions = {},
  ): Promise<Map<Row[F], number>> {
    return this.#read("countBy", options, (executor) => {
      assertOptions(this.#model, "countBy", options);
      return countBy(
        executor,
        this.#model,
        field,
        options.filterBy,
        this.#scope.models,
      );
    });
  }

  /** Returns the different values of a field in ascending order; null is last. */
  distinct<F extends keyof Row>(
    field: F,
    options: { filterBy?: FullFilter<M, Models[number]> } & CallOptions = {},
  ): Promise<Row[F][]> {
    return this.#read("distinct", options, (executor) => {
      assertOptions(this.#model, "distinct", options);
      return distinct(
        executor,
        this.#model,
        field,
        options.filterBy,
        this.#scope.models,
      );
    });
  }

  /**
   * Reads rows one by one, in constant memory. Leaving the loop early frees the
   * connection. If `signal` is aborted, or `timeout` has passed since the loop
   * began, the loop throws and the connection is freed.
   * @param options `batchSize`: rows per fetch (default: 1,000)
   * @example
   * ```ts
   * import { connect } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
   * await db.createDb();
   * await db.query(AstroObject).bulkInsert([{ oid: "ZTF18a", ndet: 2 }, { oid: "ZTF18b", ndet: 3 }]);
   *
   * let ndet = 0;
   * for await (const object of db.query(AstroObject).stream()) ndet += object.ndet ?? 0;
   * assert.equal(ndet, 5);
   * ```
   */
  stream<
    S extends keyof RowOf<M> = never,
    const I extends Include<M, Models[number]> = never,
    const C extends Counts<M, Models[number]> = never,
    const O extends OrderBy<RowOf<M>> | "distance" = never,
  >(
    options: Asked<M, S, I, C, Models[number], O> & { batchSize?: number } = {},
  ): AsyncIterable<Found<M, S, I, C, Models[number], O>> {
    assertOptions(this.#model, "stream", options);
    const size = batchSizeOption(this.#model, options.batchSize);
    const read = this.#compiled(options);
    const rows = readInLoop(
      this.#scope,
      { method: "stream", model: this.#model },
      options,
      (scope) => streamRows(scope, read, size),
    );
    return rows as AsyncIterable<Found<M, S, I, C, Models[number], O>>;
  }

  /**
   * Matches positions with the rows of this model, in constant memory. It reads
   * the rows of many targets with one statement, and yields them in the order of
   * the targets, those of a target by distance.
   *
   * @param targets objects with `ra` and `dec` in degrees, and a `radius` in
   * arcseconds unless the options have one
   * @param options `radius`, `nearest` (how many rows of each target), `select`,
   * `filterBy`, `maxPerTarget` (default: 1,000)
   * @throws {ValidationError} with the index of a target whose position or radius
   * is out of range
   * @throws {LimitError} if a target has more rows than `maxPerTarget`, without `nearest`
   * @example
   * ```ts
   * import { connect } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
   * await db.createDb();
   * const objects = db.query(AstroObject);
   * await objects.bulkInsert([{ oid: "ZTF18a", meanra: 150.1, meandec: 2.2 }]);
   * const catalog = [{ name: "A", ra: 150.1002, dec: 2.2 }, { name: "B", ra: 10, dec: 2.2 }];
   * for await (
   *   const { target, row, distance } of objects.crossmatch(catalog, {
   *     radius: 1.5,
   *     nearest: 1,
   *     select: ["oid"],
   *   })
   * ) {
   *   assert.deepEqual([target.name, row.oid], ["A", "ZTF18a"]);
   *   assert.ok(Math.abs(distance - 0.719) < 0.001);
   * }
   * ```
   */
  crossmatch<T extends Target, S extends keyof RowOf<M> = never>(
    targets: Rows<T>,
    options: CrossmatchOptions<M, S, Models[number]>,
  ): AsyncIterable<Match<T, Found<M, S>>> {
    assertOptions(this.#model, "crossmatch", options);
    const { models } = this.#scope;
    const crossmatch = compileCrossmatch(this.#model, options, models);
    const matches = readInLoop(
      this.#scope,
      { method: "crossmatch", model: this.#model },
      options,
      (scope) => crossmatchRows(scope, crossmatch, targets),
    );
    return matches as AsyncIterable<Match<T, Found<M, S>>>;
  }

  /**
   * Returns the row that `filterBy` matches, or creates it from those values and
   * the attributes. It needs one round trip, and a second one after a lost race.
   * It never changes an existing row, and checks the attributes only if it must
   * create the row.
   *
   * @param options `filterBy`: one value for each field of the primary key or a
   * unique key; all other options are attributes
   * @param callOptions the limits of the call
   * @returns the row, and whether it was created
   * @throws {DuplicateKeyError} if the row with that key differs in the rest of
   * `filterBy`, or another row holds one of its other unique keys
   * @throws {ValidationError} if the row is missing and the attributes are invalid
   * @example
   * ```ts
   * import { connect } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
   * await db.createDb();
   * const objects = db.query(AstroObject);
   * const [, isNew] = await objects.getOrCreate({ filterBy: { oid: "ZTF18a" }, ndet: 1 });
   * const [object, isNewAgain] = await objects.getOrCreate({ filterBy: { oid: "ZTF18a" }, ndet: 9 });
   * assert.deepEqual([isNew, isNewAgain, object.ndet], [true, false, 1]);
   * ```
   */
  getOrCreate(
    options: { filterBy: Filter<Row> } & Partial<Insert>,
    callOptions?: CallOptions,
  ): Promise<[row: Row, created: boolean]> {
    return this.#write("getOrCreate", callOptions, (executor) => {
      assertOptionsObject(this.#model, "getOrCreate", options);
      this.#assertCallOptions("getOrCreate", callOptions);
      return getOrCreate(executor, this.#model, options, this.#scope.models);
    });
  }

  /**
   * Inserts one row and returns it as it is stored, with the values that the
   * server filled.
   *
   * @param row the row; fields that are nullable, have a default, or are filled
   * by the server may be missing
   * @param options the limits of the call
   * @throws {DuplicateKeyError} if another row has the same primary or unique key
   * @throws {ValidationError} with the field and value of an invalid row
   * @example
   * ```ts
   * import { connect, defineModel, identity, serverDefault } from "@alerce/db-plugins";
   * import assert from "node:assert/strict";
   * import { z } from "zod";
   *
   * const Job = defineModel("job", {
   *   fields: z.object({
   *     id: identity(z.int64()),
   *     name: z.string(),
   *     created: serverDefault(z.date(), "now()"),
   *   }),
   *   primaryKey: ["id"],
   * });
   * await using db = await connect(
   *   { ENGINE: "pglite", DB_NAME: "memory://" },
   *   { models: [Job] },
   * );
   * await db.createDb();
   * const job = await db.query(Job).insert({ name: "crossmatch" });
   * assert.equal(job.id, 1n);
   * assert.ok(job.created <= new Date());
   * ```
   */
  insert(row: Insert, options?: CallOptions): Promise<Row> {
    return this.#write("insert", options, (executor) => {
      this.#assertCallOptions("insert", options);
      return insert(executor, this.#model, row);
    });
  }

  /**
   * Inserts a row and its related rows in one transaction, or in the current one.
   * A row is written after the row to which it refers, and gets the fields that
   * refer to it from there. Each row needs one round trip; `bulkInsert` writes many
   * rows faster.
   *
   * @param row the row, with related rows under the names of its relations, to any depth
   * @param options the limits of the call
   * @returns the row as it is stored, with the rows that were inserted with it
   * @throws {QueryError} with the position of a row, if a name is unknown, or a
   * row refers to a row other than the one that contains it
   * @throws {ValidationError} with the position of an invalid row
   * @throws {DuplicateKeyError} if another row has the key of one of the rows
   * @example
   * ```ts
   * import { connect, defineModel, serial } from "@alerce/db-plugins";
   * import assert from "node:assert/strict";
   * import { z } from "zod";
   *
   * const Night = defineModel("night", {
   *   fields: z.object({ id: serial(z.int32()), site: z.string() }),
   *   primaryKey: ["id"],
   *   relations: { exposures: { kind: "many", model: "exposure", on: { id: "night" } } },
   * });
   * const Exposure = defineModel("exposure", {
   *   fields: z.object({ night: z.int32(), number: z.int32(), seeing: z.float64() }),
   *   primaryKey: ["night", "number"],
   * });
   * await using db = await connect(
   *   { ENGINE: "pglite", DB_NAME: "memory://" },
   *   { models: [Night, Exposure] },
   * );
   * await db.createDb();
   * const night = await db.query(Night).insertGraph({
   *   site: "Palomar",
   *   exposures: [{ number: 1, seeing: 1.2 }, { number: 2, seeing: 1.4 }],
   * });
   * assert.deepEqual(night.exposures?.map((row) => row.night), [night.id, night.id]);
   * ```
   */
  insertGraph(
    row: Graph<M, Models[number]>,
    options?: CallOptions,
  ): Promise<GraphRow<M, Models[number]>> {
    return this.#write("insertGraph", options, (executor) => {
      this.#assertCallOptions("insertGraph", options);
      return insertGraph(executor, this.#model, row, this.#scope.models);
    });
  }

  /**
   * Inserts rows in one transaction, or in the current one. If one row cannot be
   * written, none is.
   *
   * @param options `onConflict`: `"ignore"` (default) skips rows whose primary or
   * unique key exists; among rows with the same key it inserts the first. `"error"`
   * throws a `DuplicateKeyError`. `returning`: fields of the inserted rows to return
   * @returns the numbers of inserted and ignored rows; with `returning` also `rows`,
   * the inserted rows as they are stored, in the given order
   * @throws {ValidationError} with the index, field and value of an invalid row
   * @example
   * ```ts
   * import { connect, defineModel, serial } from "@alerce/db-plugins";
   * import assert from "node:assert/strict";
   * import { z } from "zod";
   *
   * const Night = defineModel("night", {
   *   fields: z.object({ id: serial(z.int32()), site: z.string() }),
   *   primaryKey: ["id"],
   * });
   * await using db = await connect(
   *   { ENGINE: "pglite", DB_NAME: "memory://" },
   *   { models: [Night] },
   * );
   * await db.createDb();
   * const { rows } = await db.query(Night).bulkInsert(
   *   [{ site: "Palomar" }, { site: "La Silla" }],
   *   { returning: ["id", "site"] },
   * );
   * assert.deepEqual(rows.map(({ id, site }) => [id, site]), [[1, "Palomar"], [2, "La Silla"]]);
   * ```
   */
  bulkInsert<R extends keyof Row = never>(
    rows: Rows<Insert>,
    options:
      & { onConflict?: "ignore" | "error"; returning?: readonly R[] }
      & CallOptions = {},
  ): Promise<WithRows<{ inserted: number; ignored: number }, Row, R>> {
    return this.#writeRows("bulkInsert", options, (executor, signal) => {
      assertOptions(this.#model, "bulkInsert", options);
      return bulkInsert(
        executor,
        this.#model,
        limitedRows(rows, signal),
        options,
      );
    });
  }

  /**
   * Inserts rows, or updates the existing rows of their keys, in one transaction.
   * An update overwrites only the fields that the row has. Rows with the same key
   * apply one after the other.
   *
   * @param options
   * - `conflict`: the fields that identify existing rows (default: the primary
   *   key). If they are not a unique key, the call takes longer, and calls with the
   *   same key wait for each other
   * - `update`: the fields to overwrite (default: those of each row); an empty
   *   array overwrites none
   * - `prefer`: a row replaces another, in the batch or the table, only if these
   *   fields, compared in order, are greater; null is the least value, and on a
   *   tie the later row wins. The winner also writes these fields, because the
   *   next row is compared with them
   * - `merge`: a {@link MergeRule} for each field, and for the others under `"*"`,
   *   which combines the value of a row with the existing one
   * - `returning`: fields of the inserted and updated rows to return
   * @returns the numbers of inserted, updated and unchanged rows; with `returning`
   * also `rows`, the inserted and updated rows as they are stored, each once, in
   * the given order. Unchanged rows
   * lost by `prefer` or would have changed nothing. The sum is the number of rows
   * passed. Rows with the same key in one batch count as one write, and the
   * others as unchanged; in different batches, or with different fields, each
   * may count as an update
   * @example
   * ```ts
   * import { connect } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
   * await db.createDb();
   * const objects = db.query(AstroObject);
   * await objects.bulkInsert([{ oid: "ZTF18a", ndet: 2, lastmjd: 59000 }]);
   * const rows = [
   *   { oid: "ZTF18a", ndet: 1, lastmjd: 58000 }, // older than the existing row
   *   { oid: "ZTF18b", ndet: 1, lastmjd: 58500 },
   * ];
   * assert.deepEqual(
   *   await objects.bulkUpsert(rows, { prefer: ["lastmjd"] }),
   *   { inserted: 1, updated: 0, unchanged: 1 },
   * );
   *
   * const merge = { firstmjd: "least", lastmjd: "greatest" } as const;
   * await objects.bulkUpsert([{ oid: "ZTF18a", firstmjd: 58000, lastmjd: 58000 }], { merge });
   * await objects.bulkUpsert([{ oid: "ZTF18a", firstmjd: 59500, lastmjd: 59500 }], { merge });
   * const merged = await objects.findOne({ filterBy: { oid: "ZTF18a" } });
   * assert.deepEqual([merged?.firstmjd, merged?.lastmjd], [58000, 59500]);
   * ```
   */
  bulkUpsert<
    K extends keyof Row = KeyOf<M> & keyof Row,
    R extends keyof Row = never,
  >(
    rows: Rows<Partial<Insert>>,
    options: {
      conflict?: readonly K[];
      update?: readonly (keyof Row)[];
      prefer?: readonly (keyof Row)[];
      merge?: MergeRules<Row, NoInfer<K>>;
      returning?: readonly R[];
    } & CallOptions = {},
  ): Promise<
    WithRows<{ inserted: number; updated: number; unchanged: number }, Row, R>
  > {
    return this.#writeRows("bulkUpsert", options, (executor, signal) => {
      assertOptions(this.#model, "bulkUpsert", options);
      return bulkUpsert(
        executor,
        this.#model,
        limitedRows(rows, signal),
        options,
      );
    });
  }

  /**
   * Changes an instance and marks it in the session; `session.commit()` writes it.
   * @returns the instance
   * @throws {QueryError} if an attribute is unknown; the instance is unchanged
   */
  update<R extends Row>(row: R, attributes: SetOf<Insert, KeyOf<M>>): R {
    this.#scope.session().update(row, attributes, this.#model);
    return row;
  }

  /** Marks an instance for deletion; `session.commit()` deletes the row. */
  delete(row: Row): void {
    this.#scope.session().delete(row, this.#model);
  }

  /**
   * Updates many rows in one transaction, each with its own values.
   *
   * @param rows rows with their primary key and the fields to change, or
   * `[filter, attributes]` pairs
   * @param options `returning`: fields of the updated rows to return
   * @returns the number of updated rows, and the number of keys and filters that
   * matched no row; with `returning` also `rows`, the updated rows as they are
   * stored, each once, in the given order. If a trigger, a rule or a policy of the table discarded changes of
   * existing rows, `unchanged` is their number
   * @example
   * ```ts
   * import { connect } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
   * await db.createDb();
   * const objects = db.query(AstroObject);
   * await objects.bulkInsert([{ oid: "ZTF18a" }, { oid: "ZTF18b" }]);
   * assert.deepEqual(
   *   await objects.bulkUpdate([{ oid: "ZTF18a", ndet: 3 }, { oid: "ZTF18x", ndet: 1 }]),
   *   { updated: 1, missing: 1 },
   * );
   * assert.equal(await objects.updateAll({ filterBy: { ndet: null }, set: { ndet: 0 } }), 1);
   * assert.equal(await objects.deleteAll({ filterBy: {}, all: true }), 2);
   * ```
   */
  bulkUpdate<R extends keyof Row = never>(
    rows:
      | Rows<SetOf<Insert, KeyOf<M>>>
      | readonly (readonly [
        FullFilter<M, Models[number]>,
        SetOf<Insert, KeyOf<M>>,
      ])[],
    options: { returning?: readonly R[] } & CallOptions = {},
  ): Promise<
    WithRows<
      { updated: number; missing: number; unchanged?: number },
      Row,
      R
    >
  > {
    return this.#writeRows("bulkUpdate", options, (executor, signal) => {
      assertOptions(this.#model, "bulkUpdate", options);
      return bulkUpdate(
        executor,
        this.#model,
        limitedRows<object>(rows, signal),
        this.#scope.models,
        options.returning,
      );
    });
  }

  /**
   * Makes the same change to every row that matches.
   *
   * @param options `returning`: fields of the updated rows to return
   * @returns the number of rows that matched; with `returning` an object with
   * `updated`, their number, and `rows`, as they are stored after the update, in
   * the order of the primary key
   * @example
   * ```ts
   * import { connect, increment } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
   * await db.createDb();
   * const objects = db.query(AstroObject);
   * await objects.bulkInsert([{ oid: "ZTF18b", ndet: 4 }, { oid: "ZTF18a", ndet: 2 }]);
   * const { rows } = await objects.updateAll({
   *   filterBy: { ndet: { gte: 2 } },
   *   set: { ndet: increment(1) },
   *   returning: ["oid", "ndet"],
   * });
   * assert.deepEqual(rows.map(({ oid, ndet }) => [oid, ndet]), [["ZTF18a", 3], ["ZTF18b", 5]]);
   * ```
   */
  updateAll<R extends keyof Row = never>(
    options:
      & {
        filterBy: FullFilter<M, Models[number]>;
        set: SetOf<Insert, KeyOf<M>>;
        returning?: readonly R[];
      }
      & CallOptions,
  ): Promise<Written<Row, R, "updated">> {
    return this.#write("updateAll", options, (executor) => {
      assertOptions(this.#model, "updateAll", options);
      return updateAll(executor, this.#model, options, this.#scope.models);
    });
  }

  /**
   * Deletes every row that matches.
   *
   * @param options
   * - `all: true` is required if the filter is empty
   * - `returning`: fields of the deleted rows to return
   * @returns the number of deleted rows; with `returning` an object with `deleted`,
   * their number, and `rows`, as they were stored, in the order of the primary key
   * @example
   * ```ts
   * import { connect } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
   * await db.createDb();
   * const objects = db.query(AstroObject);
   * await objects.bulkInsert([{ oid: "ZTF18b", ndet: 4 }, { oid: "ZTF18a", ndet: 2 }]);
   * const { deleted, rows } = await objects.deleteAll({
   *   filterBy: { ndet: { gt: 2 } },
   *   returning: ["oid"],
   * });
   * assert.deepEqual([deleted, rows.map(({ oid }) => oid)], [1, ["ZTF18b"]]);
   * ```
   */
  deleteAll<R extends keyof Row = never>(
    options:
      & {
        filterBy: FullFilter<M, Models[number]>;
        all?: true;
        returning?: readonly R[];
      }
      & CallOptions,
  ): Promise<Written<Row, R, "deleted">> {
    return this.#write("deleteAll", options, (executor) => {
      assertOptions(this.#model, "deleteAll", options);
      return deleteAll(executor, this.#model, options, this.#scope.models);
    });
  }

  /** On SQL, a Kysely select of this model; it decodes rows like `findAll`. */
  get kysely(): unknown {
    const { executor, observer } = this.#scope;
    const name = { method: "kysely", model: this.#model, isRead: true };
    const select = executor.native?.(
      this.#model,
      (work) => observed(observer, name, () => this.#scope.call(work)),
    );
    if (select !== undefined) return select;
    throw new QueryError("Cannot use kysely: this engine has no SQL", {
      field: "kysely",
    });
  }

  #compiled(options: ReadOptions): Read {
    return compileRead(this.#model, options, this.#scope.models);
  }

  #assertCallOptions(method: string, options: CallOptions | undefined): void {
    if (options === undefined) return;
    assertCallOptions({ method, model: this.#model.name }, options);
  }

  /** Runs a call that reads. Engines return rows as the model declares them; this gives them its types. */
  #read<T>(
    method: string,
    options: CallOptions,
    work: Work,
  ): Promise<T> {
    const call = { method, model: this.#model, isRead: true };
    return runCall(this.#scope, this.#scope.call, call, options, work);
  }

  #write<T>(
    method: string,
    options: CallOptions | undefined,
    work: Work,
  ): Promise<T> {
    const call = { method, model: this.#model, isRead: false };
    return runCall(this.#scope, this.#scope.write, call, options, work);
  }

  #writeRows<T>(
    method: string,
    options: CallOptions | undefined,
    work: (executor: Executor, signal?: AbortSignal) => Promise<unknown>,
  ): Promise<T> {
    const call = { method, model: this.#model, isRead: false };
    return runCall(this.#scope, this.#scope.writeRows, call, options, work);
  }
}
