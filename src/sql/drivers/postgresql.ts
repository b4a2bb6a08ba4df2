import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ConnectionError, TransactionError } from "../../errors.ts";
import type { SqlConfig } from "../config.ts";
import {
  isBroken,
  isStalePlan,
  isUnprepared,
  LostCommitError,
} from "../errors.ts";
import {
  beginText,
  type Command,
  type SqlDriver,
  type SqlTransaction,
} from "../link.ts";
import { readerByOid } from "../types.ts";
import { createLanes, cut } from "./lanes.ts";
import { createNames } from "./names.ts";
import { postgresqlSession } from "./postgresql_session.ts";
import { send } from "./row_query.ts";

const ignore = (): void => {};

/** A client that is out of the pool. */
interface Lease {
  readonly client: pg.ClientBase;
  /** Gives it back, ended where it is broken; only the first time counts, for the client is then another's. */
  release(broken: boolean): void;
}

/** What errors call a server. */
export function placeOf({ host, port, database }: SqlConfig): string {
  return host.startsWith("/")
    ? `PostgreSQL in ${host}, database ${database}`
    : `PostgreSQL at ${host}:${port}, database ${database}`;
}

/** The options of a `pg` client that the settings mean. */
export function clientOptions(config: SqlConfig): pg.ClientConfig {
  return {
    host: config.host,
    port: config.port,
    user: config.user,
    password: config.password,
    database: config.database,
    ssl: config.ssl === true ? { rejectUnauthorized: true } : config.ssl,
    connectionTimeoutMillis: config.connectTimeout,
    ...(config.statementTimeout === undefined
      ? {}
      : { statement_timeout: config.statementTimeout }),
    application_name: "dbp",
    keepAlive: true,
    types: { getTypeParser: (oid: number) => readerByOid(oid) },
  };
}

/**
 * A PostgreSQL server through `pg`. Short statements share a few pipelined
 * clients; everything that can take long, wait for a lock or fail half-way has
 * a client of the pool to itself.
 */
export async function openPostgresql(
  config: SqlConfig,
  given: pg.Pool | undefined,
): Promise<SqlDriver> {
  const pool = given ??
    new pg.Pool({
      ...clientOptions(config),
      max: config.poolSize,
      allowExitOnIdle: true,
    });
  // A client that fails while it is idle is replaced when the next is asked for.
  pool.on("error", ignore);
  const lanes = given === undefined
    ? createLanes(clientOptions(config))
    : undefined;
  const names = createNames(config.prepare);
  try {
    (await pool.connect()).release();
  } catch (error) {
    if (given === undefined) await pool.end();
    throw error;
  }

  const leases = new Set<Lease>();
  let closed = false;

  async function lend(): Promise<Lease> {
    const client = await pool.connect();
    if (closed) {
      client.release(true);
      throw new ConnectionError("Cannot use a connection after it was closed");
    }
    // While a client is out of the pool nobody else hears that its connection was lost.
    client.on("error", ignore);
    const lease: Lease = {
      client,
      release(broken) {
        if (!leases.delete(lease)) return;
        client.off("error", ignore);
        client.release(broken);
      },
    };
    leases.add(lease);
    return lease;
  }

  /** A client beside the pool, so that a pool of one has one left. */
  async function dedicated(): Promise<Lease> {
    const client = new pg.Client(clientOptions(config));
    client.on("error", ignore);
    await client.connect();
    const lease: Lease = {
      client,
      release() {
        if (leases.delete(lease)) cut(client);
      },
    };
    leases.add(lease);
    if (closed) {
      lease.release(true);
      throw new ConnectionError("Cannot use a connection after it was closed");
    }
    return lease;
  }

  async function pooled(
    command: Command,
    onRow: Parameters<SqlDriver["query"]>[1],
  ): ReturnType<SqlDriver["query"]> {
    const { client, release } = await lend();
    let broken = false;
    try {
      return await send(client, command, onRow ?? ignore);
    } catch (error) {
      broken = isBroken(error);
      throw error;
    } finally {
      release(broken);
    }
  }

  return {
    concurrent: true,
    place: placeOf(config),
    async query(command, onRow) {
      const named = names.of(command);
      const lane = named.short === true ? lanes?.pick() : undefined;
      try {
        return lane === undefined
          ? await pooled(named, onRow)
          : await lane.send(named, onRow ?? ignore);
      } catch (error) {
        if (named.name === undefined) throw error;
        if (isStalePlan(error)) names.renew(named.name);
        // The one before it on its lane was to prepare it, and failed.
        else if (lane === undefined || !isUnprepared(error)) throw error;
        return await pooled(names.of(command), onRow);
      }
    },
    async begin(options) {
      const text = beginText(options);
      const lease = await lend();
      try {
        await send(lease.client, { text, values: [] }, ignore);
      } catch (error) {
        lease.release(true);
        throw error;
      }
      return transactionOn(lease, names);
    },
    async reserve() {
      const lease = given === undefined ? await dedicated() : await lend();
      return postgresqlSession(lease.client, () => lease.release(true));
    },
    async close() {
      closed = true;
      await lanes?.close();
      // What is still out, a stream that nobody reads on for one, would be waited for without end.
      for (const { release } of [...leases]) release(true);
      if (given === undefined) await pool.end();
    },
  };
}

function transactionOn(
  { client, release }: Lease,
  names: ReturnType<typeof createNames>,
): SqlTransaction {
  let broken = false;
  let ended = false;
  const lost = (): void => {
    broken = true;
  };
  client.on("error", lost);

  async function watching<T>(work: () => Promise<T>): Promise<T> {
    if (ended) {
      throw new TransactionError("Cannot use a transaction after its end");
    }
    try {
      return await work();
    } catch (error) {
      broken ||= isBroken(error);
      throw error;
    }
  }

  /** Ends it once; whoever has the client afterwards is not disturbed. */
  async function end(text: "commit" | "rollback"): Promise<void> {
    if (ended) return;
    ended = true;
    try {
      // What is broken is not waited for: what it holds ends with it.
      if (text === "commit" || !broken) {
        await send(client, { text, values: [] }, ignore);
      }
    } catch (error) {
      broken ||= text === "rollback" || isBroken(error);
      throw text === "commit" && broken ? new LostCommitError(error) : error;
    } finally {
      client.off("error", lost);
      release(broken);
    }
  }

  return {
    query: (command, onRow) =>
      watching(async () => {
        const named = names.of(command);
        try {
          return await send(client, named, onRow ?? ignore);
        } catch (error) {
          if (isStalePlan(error) && named.name !== undefined) {
            names.renew(named.name);
          }
          throw error;
        }
      }),
    copyIn: (into, chunks) =>
      watching(async () => {
        const stream = client.query(
          copyFrom(`copy ${into} from stdin (format binary)`),
        );
        await pipeline(Readable.from(chunks), stream);
        return stream.rowCount;
      }),
    commit: () => end("commit"),
    rollback: () => end("rollback").catch(ignore),
  };
}
