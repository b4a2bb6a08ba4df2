import { type Db, MongoClient, type MongoClientOptions } from "mongodb";
import type { OpenOptions } from "../../engine/engine.ts";
import { ConfigError, TimeoutError } from "../../base/errors/mod.ts";
import type { MongoConfig } from "./config.ts";
import { createEnding } from "./pending_calls.ts";
import { type ErrorMapper, errorMapper, standalone } from "./errors.ts";
import { documentModel } from "../codec/document_model.ts";
import type { MongoDriver, ReportedCommand } from "../link/link.ts";
import { keepMonitoring } from "./keep_monitoring.ts";
import {
  asConfigError,
  driversProblems,
  fileProblems,
} from "./option_problems.ts";
import { beginTransaction } from "./transaction.ts";
import { queryReporter } from "../../engine/query_reporter.ts";
import { commandText } from "./command_text.ts";

/** How documents are read, whatever a ready-made client says: integers exactly; text without a second look at its encoding, which costs more than the rest. */
const READING = {
  useBigInt64: true,
  enableUtf8Validation: false,
  promoteLongs: true,
  promoteValues: true,
  promoteBuffers: false,
  bsonRegExp: false,
  raw: false,
  ignoreUndefined: false,
} as const;
/** Milliseconds by which connecting may outlast the driver's own limits. */
const GRACE = 250;

/** Connects, or takes a client that is connected, and asks the server what it is. */
export async function openMongo(
  config: MongoConfig,
  { client, models, onQuery, logValues, source }: OpenOptions,
): Promise<MongoDriver> {
  const own = client === undefined
    ? await newClient(config, source)
    : undefined;
  const used = own ?? client;
  if (!isClient(used)) {
    throw new ConfigError(source, [{
      key: "client",
      problem: "must be a MongoClient",
    }]);
  }
  const at = own === undefined ? placeOfClient(used) : config.place;
  const place = `MongoDB at ${at}`;
  const documents = models.map(documentModel);
  const connecting = errorMapper(place, documents, "Cannot connect to");
  const db = used.db(config.database, READING);
  let transactions: boolean;
  try {
    transactions = await within(
      config.connectTimeout + GRACE,
      place,
      async () => {
        await used.connect();
        return await reached(db);
      },
    );
  } catch (error) {
    await own?.close().catch(() => {});
    throw connecting(
      own === undefined ? error : asConfigError(error, source, config),
    );
  }
  const mapped = errorMapper(place, documents);
  return createDriver(used, db, transactions, mapped, {
    place,
    owned: own !== undefined,
    onQuery,
    logValues,
  });
}

interface DriverOptions extends Pick<OpenOptions, "onQuery" | "logValues"> {
  readonly place: string;
  /** Whether closing the driver closes the client. */
  readonly owned: boolean;
}

function createDriver(
  client: MongoClient,
  db: Db,
  transactions: boolean,
  mapped: ErrorMapper,
  options: DriverOptions,
): MongoDriver {
  const report = queryReporter<ReportedCommand>(options, {
    describe: ({ table, command }) => commandText(table, command),
    mapError: (error, { table, command }) => mapped(error, table, command),
  });
  const monitored = keepMonitoring(client);
  const ending = createEnding();
  return {
    place: options.place,
    db,
    transactions,
    send: (call) =>
      report(
        call,
        () => ending.until(() => call.work(db.collection(call.table), {})),
        call.rows,
      ),
    async mapped(work) {
      try {
        return await work();
      } catch (error) {
        throw mapped(error);
      }
    },
    begin() {
      if (!transactions) throw standalone();
      return beginTransaction(client, db, report);
    },
    async close() {
      monitored();
      if (!options.owned) return;
      await client.close(true);
      await ending.end();
    },
  };
}

/** Whether the server is one of a replica set or a cluster's router. It answers anybody; what it lets only users see shows whether this one is. */
async function reached(db: Db): Promise<boolean> {
  const hello = await db.admin().command({ hello: 1 });
  await db.listCollections({}, { nameOnly: true, authorizedCollections: true })
    .hasNext();
  return "setName" in hello || hello.msg === "isdbgrid";
}

async function newClient(
  config: MongoConfig,
  source: string,
): Promise<MongoClient> {
  const options: MongoClientOptions = {
    ...READING,
    connectTimeoutMS: config.connectTimeout,
    serverSelectionTimeoutMS: config.connectTimeout,
    ...config.options,
    ...(config.user === undefined ? {} : {
      auth: { username: config.user, password: config.password ?? "" },
    }),
  };
  let client: MongoClient;
  try {
    client = new MongoClient(config.url, options);
  } catch {
    throw new ConfigError(source, driversProblems(config));
  }
  const problems = await fileProblems(config, client.options);
  if (problems.length > 0) throw new ConfigError(source, problems);
  return client;
}

/** The hosts of a client that is the caller's. */
function placeOfClient({ options }: MongoClient): string {
  return options?.srvHost ?? options?.hosts?.map(String).join(",") ??
    "a client";
}

/** By what it can do: a caller may have another copy of the class. */
function isClient(client: unknown): client is MongoClient {
  return typeof client === "object" && client !== null &&
    ["startSession", "db", "connect"].every((name) =>
      typeof Reflect.get(client, name) === "function"
    );
}

async function within<T>(
  milliseconds: number,
  place: string,
  work: () => Promise<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const working = work();
  // Where time is up first, its own failure is nobody's.
  working.catch(() => {});
  try {
    return await Promise.race([
      working,
      new Promise<never>((_resolve, reject) => {
        timer = setTimeout(
          () =>
            reject(
              new TimeoutError(
                `No answer from ${place} within CONNECT_TIMEOUT`,
              ),
            ),
          milliseconds,
        );
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
