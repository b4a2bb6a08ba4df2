import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SqlConfig } from "../config.ts";
import { isBroken, isStalePlan } from "../errors.ts";
import {
  beginText,
  type Command,
  type SqlDriver,
  type SqlTransaction,
} from "../link.ts";
import { readerByOid } from "../types.ts";
import { createLanes } from "./lanes.ts";
import { createNames } from "./names.ts";
import { send } from "./row_query.ts";

const ignore = (): void => {};

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
    new pg.Pool({ ...clientOptions(config), max: config.poolSize });
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

  async function pooled(
    command: Command,
    onRow: Parameters<SqlDriver["query"]>[1],
  ): ReturnType<SqlDriver["query"]> {
    const client = await pool.connect();
    let broken = false;
    try {
      return await send(client, command, onRow ?? ignore);
    } catch (error) {
      broken = isBroken(error);
      throw error;
    } finally {
      client.release(broken);
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
        if (!isStalePlan(error) || named.name === undefined) throw error;
        names.renew(named.name);
        return await pooled(names.of(command), onRow);
      }
    },
    async begin(options) {
      const text = beginText(options);
      const client = await pool.connect();
      try {
        await send(client, { text, values: [] }, ignore);
      } catch (error) {
        client.release(true);
        throw error;
      }
      return transactionOn(client, names);
    },
    async close() {
      await lanes?.close();
      if (given === undefined) await pool.end();
    },
  };
}

function transactionOn(
  client: pg.PoolClient,
  names: ReturnType<typeof createNames>,
): SqlTransaction {
  let broken = false;
  // While a client is out of the pool nobody else hears that its connection was lost.
  const lost = (): void => {
    broken = true;
  };
  client.on("error", lost);

  async function watching<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      broken ||= isBroken(error);
      throw error;
    }
  }

  function release(): void {
    client.off("error", lost);
    client.release(broken);
  }

  async function end(text: string): Promise<void> {
    try {
      await watching(() => send(client, { text, values: [] }, ignore));
    } finally {
      release();
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
    async rollback() {
      if (broken) release();
      else await end("rollback").catch(ignore);
    },
  };
}
