import type { Collection } from "mongodb";
import { Connection } from "../connection/connection.ts";
import type { Transaction } from "../connection/transaction.ts";
import type { ConnectionParts, ConnectOptions } from "../connection/types.ts";
import type { AnyModel, RowOf } from "../model/types.ts";
import type { AlerceModels } from "../models/mod.ts";
import type { TransactionOptions } from "../query/statement/transaction_options.ts";
import type { MongoBackend } from "./backend.ts";
import { openMongoBackend } from "./engine.ts";
import { noTransactionsError } from "./link/no_transactions_error.ts";
import { loadModule } from "../base/load_module.ts";

/**
 * A connection to MongoDB: the same models, queries and sessions as on SQL.
 * Each model has a collection, and each row a document.
 *
 * Outside {@link MongoConnection.transaction}, a bulk write is not atomic. Every
 * row of an array is checked before the first is sent; but if the server fails
 * halfway, the rows written so far stay. The error lists the keys of written,
 * unwritten and uncertain rows, and has all of them in `partly`. Run the call
 * again, after fixing any refused row, to write the rest. If an `updateAll` or
 * `deleteAll` fails halfway, its changes stay, and the error reports them.
 *
 * On a replica set, these run in a transaction of their own: `bulkInsert` with
 * `onConflict: "error"`, an `updateAll` that sets a part of a unique key in
 * several rows, `bulkUpdate`, and a session's commit. If a commit fails on a
 * standalone server, the session unmarks the rows that were written.
 *
 * Foreign keys are not enforced.
 *
 * @example
 * ```ts ignore
 * import { MongoConnection } from "@alerce/db-plugins";
 * import { AstroObject } from "@alerce/db-plugins/models";
 *
 * await using db = new MongoConnection();
 * await db.connect({ HOST: "localhost", DATABASE: "alerce" });
 * await db.createDb();
 * const [object] = await db.query(AstroObject).getOrCreate({
 *   filterBy: { oid: "ZTF18aaxlzgi" },
 * });
 * const objects = db.collection(AstroObject);
 * await objects.aggregate([{ $match: { oid: object.oid } }]).toArray();
 * ```
 */
export class MongoConnection<
  Models extends readonly AnyModel[] = AlerceModels,
> extends Connection<Models, MongoBackend> {
  /** Creates a connection that is not open yet.
   * @param parts models (default: ALeRCE's), settings, a ready-made `MongoClient`, a session
   */
  constructor(parts: ConnectionParts<Models> = {}) {
    super(openMongoBackend, parts);
  }

  /** Returns ALeRCE's models, as the default of the type parameter says. */
  protected override async defaultModels(): Promise<readonly AnyModel[]> {
    const { ALERCE_MODELS } = await loadModule(() =>
      import("../models/mod.ts")
    );
    return ALERCE_MODELS;
  }

  /**
   * Connects to the database.
   *
   * @param config `{ HOST, PORT, USERNAME, PASSWORD, DATABASE }` or a `URL`, and options of the driver's
   * client in capitals: `AUTH_SOURCE`, `READ_PREFERENCE`, `REPLICA_SET`
   * @throws {ConfigError} with every wrong key
   * @throws {ConnectionError} or `AuthenticationError`, `TimeoutError`, within `CONNECT_TIMEOUT`
   */
  override connect(config?: unknown, options?: ConnectOptions): Promise<void> {
    return super.connect(config, options);
  }

  /**
   * Runs `fn` in a transaction: all its changes on `tx` are committed, or none.
   * It reads a snapshot of the database from the time of its first command,
   * whatever the `isolationLevel`.
   *
   * @throws {TransactionError} if the server is standalone: MongoDB then has no transactions
   */
  override async transaction<T>(
    fn: (tx: Transaction<Models>) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T> {
    return await super.transaction(fn, options);
  }

  /**
   * Checks that the server is not standalone.
   *
   * @throws {TransactionError} with the way to a replica set
   */
  protected override assertTransactions(): void {
    if (!this.backend().transactions) throw noTransactionsError();
  }

  /** The driver's collection of a model. 64-bit integers are bigints; fields have the names of `meta({ column })`. */
  collection<M extends AnyModel>(model: M): Collection<RowOf<M>> {
    return this.backend().db.collection<RowOf<M>>(model.table);
  }
}
