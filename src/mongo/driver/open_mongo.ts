import { release } from "node:os";
import type { Collection, Db, Document, MongoClientOptions } from "mongodb";
import { MongoClient } from "../link/mongodb.ts";
import type { OpenOptions } from "../../engine/engine.ts";
import { ConfigError, TimeoutError } from "../../base/errors/mod.ts";
import { permissionError } from "../../base/permission_text.ts";
import type { MongoConfig } from "./config.ts";
import { createPendingCalls } from "./pending_calls.ts";
import { type ErrorMapper, errorMapper } from "./errors.ts";
import { noTransactionsError } from "../link/no_transactions_error.ts";
import { documentModel } from "../codec/document_model.ts";
import type { MongoDriver, MongoLink, ReportedCommand } from "../link/link.ts";
import { countCheckouts } from "./count_checkouts.ts";
import { keepMonitoring } from "./keep_monitoring.ts";
import {
  fileProblems,
  optionProblems,
  refusedOptions,
  settingsError,
} from "./option_problems.ts";
import { createBoundedRun } from "./bounded_work.ts";
import { type SendCommand, sessionLink } from "./session_link.ts";
import { beginTransaction } from "./transaction.ts";
import { recordOutcome } from "./write_outcome.ts";
import {
  queryReporter,
  type ReportQuery,
} from "../../engine/query_reporter.ts";
import { type Address, followServers } from "./server_address.ts";
import { commandText } from "./command_text.ts";
import { explainCommand } from "./explain.ts";

/** How documents are read, also by a ready-made client: integers exactly, and text without UTF-8 validation, which takes longer than all else. */
const READ_OPTIONS = {
  useBigInt64: true,
  enableUtf8Validation: false,
  promoteLongs: true,
  promoteValues: true,
  promoteBuffers: false,
  bsonRegExp: false,
  raw: false,
  ignoreUndefined: false,
} as const;
/** Options of a call outside a transaction. */
const NO_OPTIONS = Object.freeze({});
/** Milliseconds after the driver's own time limits when connecting is given up. */
const GRACE_PERIOD = 250;

/** Connects a new or a ready-made client, and finds out whether the server supports transactions. */
export async function openMongo(
  config: MongoConfig,
  { client, models, onQuery, logValues, slowQueries, source }: OpenOptions,
): Promise<MongoDriver> {
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
    await own?.close().catch(() => {});
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

interface DriverOptions
  extends Pick<OpenOptions, "onQuery" | "logValues" | "slowQueries"> {
  /** The database with the read preference of the client. */
  readonly native: Db;
  readonly server: string;
  readonly hosts: string;
  /** The answer of the first server. */
  readonly hello: Document;
  /** Whether closing the driver closes the client. */
  readonly isOwned: boolean;
  /** The longest wait for the answer to a command, in milliseconds. */
  readonly callTimeout: number | undefined;
}

function createDriver(
  client: MongoClient,
  db: Db,
  mapError: ErrorMapper,
  options: DriverOptions,
): MongoDriver {
  const transactions = hasTransactions(options.hello);
  const servers = followServers(client, options.hosts, options.hello);
  const reporterAt = (address: () => Address) =>
    queryReporter<ReportedCommand>(options, {
      server: options.server,
      address,
      explain: (command) => explainCommand(options.native, command),
      describe: ({ table, command }) => commandText(table, command),
      mapError: (error, { table, command }) => mapError(error, table, command),
    });
  const report = reporterAt(servers.primary);
  const stopMonitoring = keepMonitoring(client);
  const checkouts = countCheckouts(client);
  const pending = createPendingCalls();
  const run = createBoundedRun(client, options.callTimeout, options.server);
  /** Creates the link of commands outside of transactions. */
  const linkTo = (
    collectionOf: (table: string) => Collection,
    report: ReportQuery<ReportedCommand>,
  ): MongoLink => {
    const send: SendCommand = (call, work) => {
      const before = checkouts.count;
      return report(
        call,
        () =>
          pending.run(
            () => work(collectionOf(call.table)),
            (error) =>
              recordOutcome(error, call.command, checkouts.count !== before),
          ),
        call.rows,
      );
    };
    const link: MongoLink = options.callTimeout === undefined
      ? {
        send: (call) =>
          send(call, (collection) => call.work(collection, NO_OPTIONS)),
      }
      : sessionLink(client, send, run);
    return {
      ...link,
      limited: (signal) => sessionLink(client, send, run, signal),
    };
  };
  const collectionOf = collectionsOf(db);
  const { mode = "primary" } = options.native.readPreference ?? {};
  return {
    ...linkTo(collectionOf, report),
    reader: mode === "primary"
      ? undefined
      : linkTo(collectionsOf(options.native), reporterAt(servers.member)),
    server: options.server,
    db,
    native: options.native,
    transactions,
    async mapErrors(work) {
      try {
        return await work();
      } catch (error) {
        throw mapError(error);
      }
    },
    begin(signal) {
      if (!transactions) throw noTransactionsError();
      return beginTransaction({ client, report, run, collectionOf }, signal);
    },
    async close() {
      stopMonitoring();
      checkouts.stop();
      servers.stop();
      if (options.isOwned) await client.close(true);
      await pending.end();
    },
  };
}

/** Returns the collections of a database. Each object is created once: the driver resolves its options anew for each. */
function collectionsOf(db: Db): (table: string) => Collection {
  const collections = new Map<string, Collection>();
  return (table) => {
    const known = collections.get(table);
    if (known !== undefined) return known;
    const collection = db.collection(table);
    collections.set(table, collection);
    return collection;
  };
}

/** Whether the server supports transactions: a replica set member or a router. */
function hasTransactions(hello: Document): boolean {
  return "setName" in hello || hello.msg === "isdbgrid";
}

/** Returns how the server describes itself. Also lists collections, because that answer does not require a login. */
async function firstAnswer(db: Db): Promise<Document> {
  const hello = await db.admin().command({ hello: 1 });
  await db.listCollections({}, { nameOnly: true, authorizedCollections: true })
    .hasNext();
  return hello;
}

/** Milliseconds between two questions to a server, and for their answers. A server that does not answer is given up within 30 s, also by a command that the driver repeats. */
const HEARTBEAT = 2_000;
const HELLO_LIMIT = 5_000;

async function newClient(
  config: MongoConfig,
  source: string,
): Promise<MongoClient> {
  const options: MongoClientOptions = {
    ...READ_OPTIONS,
    connectTimeoutMS: Math.min(config.connectTimeout, HELLO_LIMIT),
    serverSelectionTimeoutMS: config.connectTimeout,
    heartbeatFrequencyMS: HEARTBEAT,
    ...config.options,
    ...(config.user === undefined ? {} : {
      auth: { username: config.user, password: config.password ?? "" },
    }),
  };
  let client: MongoClient;
  try {
    client = new MongoClient(config.url, options);
  } catch (error) {
    throw permissionError(`MongoDB at ${config.hosts}`, error) ??
      new ConfigError(source, optionProblems(config, error));
  }
  const refused = refusedOptions(config, client.options);
  if (refused.length > 0) throw new ConfigError(source, refused);
  const problems = await fileProblems(config, client.options);
  if (problems.length > 0) throw new ConfigError(source, problems);
  return client;
}

/**
 * Checks the permission that the driver needs to describe itself to the server;
 * without it, the server refuses the connection with another message.
 *
 * @throws {ConnectionError} if it is missing
 */
function assertSystemAccess(hosts: string): void {
  try {
    release();
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
