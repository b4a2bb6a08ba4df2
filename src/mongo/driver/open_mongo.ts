import { release } from "node:os";
import process from "node:process";
import type { Db, Document, MongoClient } from "mongodb";
import type { OpenOptions } from "../../engine/engine.ts";
import { ConfigError, TimeoutError } from "../../base/errors/mod.ts";
import { permissionError } from "../../base/permission_text.ts";
import type { MongoConfig } from "./config.ts";
import { errorMapper } from "./errors.ts";
import { documentModel } from "../codec/document_model.ts";
import type { MongoDriver } from "../link/link.ts";
import { settingsError } from "./option_problems.ts";
import { closeClient } from "./close_client.ts";
import { createDriver } from "./mongo_driver.ts";
import { newClient, READ_OPTIONS } from "./new_client.ts";

/** Milliseconds after the driver's own time limits when connecting is given up. */
const GRACE_PERIOD = 250;

/** Connects a new or a ready-made client, and finds out whether the server supports transactions. */
export async function openMongo(
  config: MongoConfig,
  { client, replicas, models, onQuery, logValues, slowQueries, source }:
    OpenOptions,
): Promise<MongoDriver> {
  if (replicas !== undefined) {
    throw new ConfigError(source, [{
      key: "replicas",
      problem:
        "has no meaning on MongoDB: give the client a readPreference, or set READ_PREFERENCE",
    }]);
  }
  const own = client === undefined
    ? await newClient(config, source)
    : undefined;
  const connected = own ?? client;
  if (!isClient(connected)) {
    throw new ConfigError(source, [{
      key: "client",
      problem: "must be a MongoClient",
    }]);
  }
  const hosts = own === undefined ? hostsOf(connected) : config.hosts;
  assertSystemAccess(hosts);
  const server = `MongoDB at ${hosts}`;
  const documentModels = models.map(documentModel);
  const connectError = errorMapper(server, documentModels, "Cannot connect to");
  const native = connected.db(config.database, READ_OPTIONS);
  // Reads of this package that decide about writes must not miss one.
  const db = connected.db(config.database, {
    ...READ_OPTIONS,
    readPreference: "primary",
  });
  let hello: Document;
  try {
    hello = await withTimeout(
      config.connectTimeout + GRACE_PERIOD,
      server,
      async () => {
        await connected.connect();
        return await firstAnswer(db);
      },
    );
  } catch (error) {
    if (own !== undefined) await closeClient(own).catch(() => {});
    throw connectError(
      own === undefined ? error : settingsError(error, source, config),
    );
  }
  const mapError = errorMapper(server, documentModels);
  return createDriver(connected, db, mapError, {
    native,
    server,
    hosts,
    hello,
    isOwned: own !== undefined,
    callTimeout: config.callTimeout,
    onQuery,
    logValues,
    slowQueries,
  });
}

/** Returns how the server describes itself. Also lists collections, because that answer does not require a login. */
async function firstAnswer(db: Db): Promise<Document> {
  const hello = await db.admin().command({ hello: 1 });
  await db.listCollections({}, { nameOnly: true, authorizedCollections: true })
    .hasNext();
  return hello;
}

/**
 * Checks the permissions that the driver needs to describe itself to the server.
 * Without one, the server refuses the connection with another message; without
 * the other, a promise that nobody waits for is rejected.
 *
 * @throws {ConnectionError} if one is missing
 */
function assertSystemAccess(hosts: string): void {
  try {
    release();
    process.getuid?.();
  } catch (error) {
    const refused = permissionError(`MongoDB at ${hosts}`, error);
    if (refused !== undefined) throw refused;
  }
}

/** The hosts of a ready-made client. */
function hostsOf({ options }: MongoClient): string {
  return options?.srvHost ?? options?.hosts?.map(String).join(",") ??
    "a client";
}

/** Recognises a client by its methods: the caller may use another copy of the class. */
function isClient(client: unknown): client is MongoClient {
  return typeof client === "object" && client !== null &&
    ["startSession", "db", "connect"].every((name) =>
      typeof Reflect.get(client, name) === "function"
    );
}

/** @throws {TimeoutError} if the work takes longer */
async function withTimeout<T>(
  milliseconds: number,
  server: string,
  work: () => Promise<T>,
): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      reject(
        new TimeoutError(`${server} did not answer within CONNECT_TIMEOUT`),
      ),
    milliseconds,
  );
  const result = work();
  // After a timeout, nothing else handles its failure.
  result.catch(() => {});
  try {
    return await Promise.race([result, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
