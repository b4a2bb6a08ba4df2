import type { PGlite } from "@electric-sql/pglite";
// Names the types, so that Deno also installs them in projects that use this package.
// @ts-types="@types/pg"
import type { Pool } from "pg";
import type { OpenOptions } from "../engine/engine.ts";
import { ConfigError, TimeoutError } from "../base/errors/mod.ts";
import { createBackend, type SqlBackend } from "./backend.ts";
import { type SqlConfig, sqlConfig } from "./driver/config.ts";
import { withPorts } from "./driver/server_address.ts";
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
import { loadModule } from "../base/load_module.ts";

/** Opens an SQL connection. Loads the driver that the settings name. */
export async function openSql(
  settings: unknown,
  options: OpenOptions,
): Promise<SqlBackend> {
  const config = sqlConfig(
    settings,
    options.source,
    engineOf(options.client),
    options.replicas !== undefined,
  );
  const replicas = replicasOf(config, options);
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
    replicas.length === 0
      ? undefined
      : await openReplicas(reporting, replicas, options, collations),
  );
}

/** A replica: its settings, and its client if the caller provides it. */
interface ReplicaSource {
  readonly config: SqlConfig;
  readonly client: Pool | undefined;
}

/**
 * Returns the replicas that the caller or the settings name.
 *
 * @throws {ConfigError} if a client that the caller provides is no pool
 */
function replicasOf(
  config: SqlConfig,
  { client, replicas, source }: OpenOptions,
): readonly ReplicaSource[] {
  if (replicas === undefined) {
    return config.replicas.map((replica) => ({
      config: { ...config, ...replica, replicas: [] },
      client: undefined,
    }));
  }
  const refuse = (key: string, problem: string): ConfigError =>
    new ConfigError(source, [{ key, problem }]);
  if (!Array.isArray(replicas)) {
    throw refuse("replicas", "must be an array of pg.Pool");
  }
  if (!isPool(client)) {
    throw refuse(
      "replicas",
      "requires a pg.Pool as client; without a client of your own, name the replicas as REPLICAS in the settings",
    );
  }
  return replicas.map((pool: unknown, index) => {
    if (isPool(pool)) return { config: configOf(config, pool), client: pool };
    throw refuse(`replicas[${index}]`, "must be a pg.Pool");
  });
}

/** Returns the settings of a replica with the address of its pool, for messages. */
function configOf(config: SqlConfig, { options }: Pool): SqlConfig {
  const url = URL.parse(options.connectionString ?? "");
  const host = options.host ?? url?.hostname ?? "localhost";
  const port = options.port ?? (Number(url?.port) || undefined);
  return {
    ...config,
    database: options.database ?? config.database,
    servers: withPorts([{ host, port }]),
    replicas: [],
  };
}

/** Opens the replicas, each at the first read. */
async function openReplicas(
  primary: SqlDriver,
  sources: readonly ReplicaSource[],
  options: OpenOptions,
  collations: LiveCollations,
): Promise<Replicas> {
  const [{ createReplicas }, { createReplica }, { replicaErrors }] =
    await Promise.all([
      loadModule(() => import("./replicas.ts")),
      loadModule(() => import("./replica.ts")),
      loadModule(() => import("./driver/replica_errors.ts")),
    ]);
  return createReplicas(sources.map(({ config, client }) =>
    createReplica({
      location: serverText(config),
      primary,
      maxLag: config.maxLag,
      onChange: options.onReplicaChange,
      async open() {
        const opened = await openPostgresql(config, { ...options, client });
        const mapped = errorMapper(opened.location, options.models);
        const driver = reportingDriver(opened, replicaErrors(mapped), options);
        return {
          driver,
          executor: createBackend(driver, options, config, collations),
        };
      },
    })
  ));
}

/** Reads once, before the first statement is compiled, how the database compares text. */
async function openCollations(
  driver: SqlDriver,
  config: SqlConfig,
  { models }: OpenOptions,
): Promise<LiveCollations> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(
      new TimeoutError(
        `No answer from ${driver.location} within CONNECT_TIMEOUT`,
      ),
    );
  }, config.connectTimeout);
  let mapError = errorMapper(
    driver.location,
    models,
    "Cannot connect to",
    config,
  );
  const link: SqlLink = {
    query: (...statement) =>
      driver.query(...statement).catch((error) => {
        throw mapError(error);
      }),
  };
  try {
    const collations = await Promise.race([
      readCollations(link, models, config.schema),
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
  const { openPostgresql } = await loadModule(() =>
    import("./driver/postgresql.ts")
  );
  if (client !== undefined && !isPool(client)) {
    throw clientError(source, "a pg.Pool");
  }
  try {
    return await openPostgresql(config, client);
  } catch (error) {
    throw errorMapper(
      serverText(config),
      models,
      "Cannot connect to",
      config,
    )(error);
  }
}

async function openPglite(
  config: SqlConfig,
  { client, models, source }: OpenOptions,
): Promise<SqlDriver> {
  const { openPglite } = await loadModule(() => import("./driver/pglite.ts"));
  if (client !== undefined && !isPglite(client)) {
    throw clientError(source, "a PGlite");
  }
  return await openPglite(config, client, models);
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
