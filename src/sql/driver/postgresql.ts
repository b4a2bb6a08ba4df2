import pg from "pg";
import type { SqlConfig } from "./config.ts";
import { beginText, type Command, type SqlDriver } from "../link/link.ts";
import { isBroken, isStalePlan, isUnprepared } from "../link/server_error.ts";
import { clientOptions, placeOf } from "./client_options.ts";
import { createLanes } from "./pipelines.ts";
import { createLeases } from "./pooled_clients.ts";
import { createNames } from "./statement_names.ts";
import { postgresqlSession } from "./postgresql_session.ts";
import { transactionOn } from "./postgresql_transaction.ts";
import { send } from "./row_query.ts";

const ignore = (): void => {};

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
  const leases = createLeases(pool, config);
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
    const { client, release } = await leases.lend();
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
      const lease = await leases.lend();
      try {
        await send(lease.client, { text, values: [] }, ignore);
      } catch (error) {
        lease.release(true);
        throw error;
      }
      return transactionOn(lease, names);
    },
    async reserve() {
      const { client, release } = given === undefined
        ? await leases.dedicated()
        : await leases.lend();
      return postgresqlSession(client, () => release(true));
    },
    async close() {
      const closing = lanes?.close();
      leases.close();
      await closing;
      if (given === undefined) await pool.end();
    },
  };
}
