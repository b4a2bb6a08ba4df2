import type { PGlite } from "@electric-sql/pglite";
// Names the types, so that Deno also installs them in projects that use this package.
// @ts-types="@types/pg"
import type { Pool } from "pg";
import type { OpenOptions } from "../engine/engine.ts";
import { ConfigError, TimeoutError } from "../base/errors/mod.ts";
import { createBackend, type SqlBackend } from "./backend.ts";
import { type SqlConfig, sqlConfig } from "./driver/config.ts";
import { errorMapper } from "./driver/errors.ts";
import { serverText } from "./driver/client_options.ts";
import type { SqlDriver, SqlLink } from "./link/link.ts";
import type { Replicas } from "./replicas.ts";
import { reportingDriver } from "./driver/reporting_driver.ts";
import { prepareKysely } from "./link/kysely_module.ts";
import {
  type LiveCollations,
  readCollations,
} from "./schema/read_collations.ts";

/** Opens an SQL connection. Loads the driver that the settings name. */
export async function openSql(
  settings: unknown,
  options: OpenOptions,
): Promise<SqlBackend> {
  const config = sqlConfig(settings, options.source, engineOf(options.client));
  const driver = config.engine === "pglite"
    ? await openPglite(config, options)
    : await openPostgresql(config, options);
  const collations = await openCollations(driver, config, options);
  await prepareKysely();
  const mapped = errorMapper(driver.location, options.models);
  const reporting = reportingDriver(driver, mapped, options);
  return createBackend(
    reporting,
    options,
    config,
    collations,
    config.replicas.length === 0
      ? undefined
      : await openReplicas(reporting, config, options, collations),
  );
}

/** Returns the replicas that the settings name. Each is opened by the first read. */
async function openReplicas(
  primary: SqlDriver,
  config: SqlConfig,
  options: OpenOptions,
  collations: LiveCollations,
): Promise<Replicas> {
  const [{ createReplicas }, { createReplica }, { replicaErrors }] =
    await Promise.all([
      import("./replicas.ts"),
      import("./replica.ts"),
      import("./driver/replica_errors.ts"),
    ]);
  return createReplicas(config.replicas.map((replica) => {
    const own: SqlConfig = { ...config, ...replica, replicas: [] };
    return createReplica({
      location: serverText(own),
      primary,
      maxLag: config.maxLag,
      onChange: options.onReplicaChange,
      async open() {
        const opened = await openPostgresql(own, options);
        const mapped = errorMapper(opened.location, options.models);
        const driver = reportingDriver(opened, replicaErrors(mapped), options);
        return {
          driver,
          executor: createBackend(driver, options, own, collations),
        };
      },
    });
  }));
}

/** Reads once, before the first statement is compiled, how the database compares text. */
async function openCollations(
  driver: SqlDriver,
  { schema, connectTimeout }: SqlConfig,
  { models }: OpenOptions,
): Promise<LiveCollations> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(
      new TimeoutError(
        `No answer from ${driver.location} within CONNECT_TIMEOUT`,
      ),
    );
  }, connectTimeout);
  let mapError = errorMapper(driver.location, models, "Cannot connect to");
  const link: SqlLink = {
    query: (...statement) =>
      driver.query(...statement).catch((error) => {
        throw mapError(error);
      }),
  };
  try {
    const collations = await Promise.race([
      readCollations(link, models, schema),
      late,
    ]);
    mapError = errorMapper(driver.location, models);
    return collations;
  } catch (error) {
    await driver.close();
    throw mapError(error);
  } finally {
    clearTimeout(timer);
  }
}

async function openPostgresql(
  config: SqlConfig,
  { client, models, source }: OpenOptions,
): Promise<SqlDriver> {
  const { openPostgresql } = await import("./driver/postgresql.ts");
  if (client !== undefined && !isPool(client)) {
    throw clientError(source, "a pg.Pool");
  }
  try {
    return await openPostgresql(config, client);
  } catch (error) {
    throw errorMapper(serverText(config), models, "Cannot connect to")(error);
  }
}

async function openPglite(
  config: SqlConfig,
  { client, source }: OpenOptions,
): Promise<SqlDriver> {
  const { openPglite } = await import("./driver/pglite.ts");
  if (client !== undefined && !isPglite(client)) {
    throw clientError(source, "a PGlite");
  }
  return await openPglite(config, client);
}

/** Returns the engine of a client that the caller provides. */
function engineOf(client: unknown): SqlConfig["engine"] | undefined {
  if (client === undefined) return undefined;
  return isPglite(client) ? "pglite" : "postgresql";
}

/** Checks the properties, not the class: a caller may have another copy of `pg`. */
function isPool(client: unknown): client is Pool {
  return typeof client === "object" && client !== null &&
    "totalCount" in client && "connect" in client;
}

function isPglite(client: unknown): client is PGlite {
  return typeof client === "object" && client !== null &&
    "execProtocolRaw" in client && "transaction" in client;
}

function clientError(source: string, expected: string): ConfigError {
  return new ConfigError(source, [{
    key: "client",
    problem: `must be ${expected}, as ENGINE requires`,
  }]);
}
