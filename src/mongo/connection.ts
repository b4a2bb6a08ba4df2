import type { Collection } from "mongodb";
import { Connection } from "../connection/connection.ts";
import type { Transaction } from "../connection/transaction.ts";
import type { ConnectionParts, ConnectOptions } from "../connection/types.ts";
import type { AnyModel, RowOf } from "../model/types.ts";
import { ALERCE_MODELS, type AlerceModels } from "../models/mod.ts";
import type { TransactionOptions } from "../query/statement/transaction_options.ts";
import type { MongoBackend } from "./backend.ts";
import { openMongoBackend } from "./engine.ts";
import { standalone } from "./driver/errors.ts";

/**
 * A connection to MongoDB: the same models, queries and sessions as on SQL,
 * with a document a row in a collection a model.
 *
 * Outside {@link MongoConnection.transaction} a bulk write is not one whole:
 * every row of an array is checked before the first is sent, but where the
 * server fails halfway, what was written stays. The error names the keys of
 * the rows that were written, were not, and may or may not be, all of them as
 * its `partly`, and running the call again completes it, once what was refused
 * is mended. On a replica set `bulkInsert` with `onConflict: "error"` and
 * `updateAll` that may set a part of a unique key on several rows are a
 * transaction of their own, and `bulkUpdate` and a session's commit are one
 * too. Any other `updateAll` or `deleteAll` that fails halfway leaves what it
 * had done, and says so. A session's rows that were written are marked no more.
 * Foreign keys are PostgreSQL's alone.
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
  /** Not connected yet.
   * @param parts models other than ALeRCE's, settings, a `MongoClient` of the caller's own, a session
   */
  constructor(parts: ConnectionParts<Models> = {}) {
    super(openMongoBackend, {
      ...parts,
      // Without models of the caller's own, the type's default is ALeRCE's.
      models: parts.models ?? ALERCE_MODELS as readonly AnyModel[] as Models,
    });
  }

  /**
   * Opens the connection and reaches the database.
   *
   * @param config `{ HOST, PORT, USERNAME, PASSWORD, DATABASE }` or a `URL`, and options of the driver's
   * client in capitals: `AUTH_SOURCE`, `READ_PREFERENCE`, `REPLICA_SET`
   * @throws {ConfigError} naming every wrong key
   * @throws {ConnectionError} or `AuthenticationError`, `TimeoutError`, within `CONNECT_TIMEOUT`
   */
  override connect(config?: unknown, options?: ConnectOptions): Promise<void> {
    return super.connect(config, options);
  }

  /**
   * Everything `fn` does on `tx` happens or nothing does. It sees the database
   * as it was at the first command; `isolationLevel` changes nothing of that.
   *
   * @throws {TransactionError} on a server that runs alone, which has no transactions
   */
  override async transaction<T>(
    fn: (tx: Transaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T> {
    if (!this.backend().transactions) throw standalone();
    return await super.transaction(fn, options);
  }

  /** A model's collection, as the driver has it. 64-bit integers are bigints; fields have the names of `meta({ column })`. */
  collection<M extends AnyModel>(model: M): Collection<RowOf<M>> {
    return this.backend().db.collection<RowOf<M>>(model.table);
  }
}
