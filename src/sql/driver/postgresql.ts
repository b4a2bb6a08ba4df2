import pg from "pg";
import type { SqlConfig } from "./config.ts";
import { beginText, type Command, type SqlDriver } from "../link/link.ts";
import { isBroken, isStalePlan, isUnprepared } from "../link/server_error.ts";
import { clientOptions, serverText } from "./client_options.ts";
import { createConnectingClients } from "./connecting_clients.ts";
import { createPipelines } from "./pipelines.ts";
import { createLeases } from "./client_leases.ts";
import { createNames } from "./statement_names.ts";
import { postgresqlSession } from "./postgresql_session.ts";
import { createTransaction } from "./postgresql_transaction.ts";
import { send } from "./send_command.ts";

const ignore = (): void => {};

/**
 * Opens a PostgreSQL server through `pg`. Reads by key share a few pipelined
 * clients. Every other statement, which may take long, wait for a lock or fail
 * halfway, has a client of the pool for itself.
 */
export async function openPostgresql(
  config: SqlConfig,
  given: pg.Pool | undefined,
): Promise<SqlDriver> {
  const connecting = createConnectingClients();
  const pool = given ??
    new pg.Pool({
      ...clientOptions(config),
      Client: connecting.Client,
      max: config.poolSize,
      allowExitOnIdle: true,
    });
  // The pool replaces an idle client that fails.
  pool.on("error", ignore);
  const pipelines = given === undefined
    ? createPipelines(clientOptions(config))
    : undefined;
  const leases = createLeases(pool, config);
  const names = createNames(config.prepare);
  try {
    (await pool.connect()).release();
  } catch (error) {
    if (given === undefined) await pool.end();
    throw error;
  }

  async function sendPooled(
    command: Command,
    onRow: Parameters<SqlDriver["query"]>[1],
  ): ReturnType<SqlDriver["query"]> {
    const { client, release } = await leases.acquire();
    let isClientBroken = false;
    try {
      return await send(client, command, onRow ?? ignore);
    } catch (error) {
      isClientBroken = isBroken(error);
      throw error;
    } finally {
      release(isClientBroken);
    }
  }

  return {
    concurrent: true,
    location: serverText(config),
    async query(command, onRow) {
      const named = names.of(command);
      const pipeline = named.short === true ? pipelines?.pick() : undefined;
      try {
        return pipeline === undefined
          ? await sendPooled(named, onRow)
          : await pipeline.send(named, onRow ?? ignore);
      } catch (error) {
        if (named.name === undefined) throw error;
        if (isStalePlan(error)) names.renew(named.name);
        // The statement before it on the pipeline should have prepared it, and failed.
        else if (pipeline === undefined || !isUnprepared(error)) throw error;
        return await sendPooled(names.of(command), onRow);
      }
    },
    async begin(options) {
      const text = beginText(options);
      const lease = await leases.acquire();
      try {
        await send(lease.client, { text, values: [] }, ignore);
      } catch (error) {
        lease.release(true);
        throw error;
      }
      return createTransaction(lease, names);
    },
    async reserve() {
      const { client, release } = given === undefined
        ? await leases.dedicated()
        : await leases.acquire();
      return postgresqlSession(client, () => release(true));
    },
    async close() {
      const closing = pipelines?.close();
      leases.close();
      connecting.close();
      await closing;
      if (given === undefined) await pool.end();
    },
  };
}
