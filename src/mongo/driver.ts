import { type Db, MongoClient, type MongoClientOptions } from "mongodb";
import type { OpenOptions } from "../engine.ts";
import { ConfigError, type ConfigProblem, TimeoutError } from "../errors.ts";
import type { MongoConfig } from "./config.ts";
import { type ErrorMapper, errorMapper, standalone } from "./errors.ts";
import { documentModel } from "./identified.ts";
import type { MongoDriver } from "./link.ts";
import { keepMonitoring } from "./monitor.ts";
import { keyOf } from "./options.ts";
import { beginTransaction } from "./transaction.ts";
import { watched } from "./watch.ts";

/** How documents are read: integers exactly; text without a second look at its encoding, which costs more than the rest. */
const READING = { useBigInt64: true, enableUtf8Validation: false } as const;
/** Milliseconds by which connecting may outlast the driver's own limits. */
const GRACE = 250;

/** Connects, or takes a client that is connected, and asks the server what it is. */
export async function openMongo(
  config: MongoConfig,
  { client, models, onQuery, logValues, source }: OpenOptions,
): Promise<MongoDriver> {
  const place = `MongoDB at ${config.place}`;
  const documents = models.map(documentModel);
  const connecting = errorMapper(place, documents, "Cannot connect to");
  const own = client === undefined ? newClient(config, source) : undefined;
  const used = own ?? client;
  if (!isClient(used)) {
    throw new ConfigError(source, [{
      key: "client",
      problem: "must be a MongoClient",
    }]);
  }
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
    throw connecting(error);
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
  const tell = watched(mapped, options);
  const monitored = keepMonitoring(client);
  return {
    place: options.place,
    db,
    transactions,
    send: ({ table, command, work, rows }) =>
      tell(table, command, () => work(db.collection(table), {}), rows),
    async mapped(work) {
      try {
        return await work();
      } catch (error) {
        throw mapped(error);
      }
    },
    begin(options) {
      if (!transactions) throw standalone();
      return beginTransaction(client, db, tell, options);
    },
    async close() {
      monitored();
      if (options.owned) await client.close(true);
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

function newClient(config: MongoConfig, source: string): MongoClient {
  const options: MongoClientOptions = {
    ...READING,
    connectTimeoutMS: config.connectTimeout,
    serverSelectionTimeoutMS: config.connectTimeout,
    ...config.options,
    ...(config.user === undefined ? {} : {
      auth: { username: config.user, password: config.password ?? "" },
    }),
  };
  try {
    return new MongoClient(config.url, options);
  } catch {
    throw new ConfigError(source, problemsOf(config));
  }
}

/** Which options the driver has something against; its words may hold values, so they are not passed on. */
function problemsOf({ options }: MongoConfig): ConfigProblem[] {
  const wrong = Object.entries(options).filter(([name, value]) => {
    try {
      new MongoClient("mongodb://localhost/", { [name]: value });
      return false;
    } catch {
      return true;
    }
  });
  return wrong.length === 0
    ? [{ key: "MONGO", problem: "has options that do not go together" }]
    : wrong.map(([name]) => ({
      key: keyOf(name),
      problem: "has a value that the driver does not take",
    }));
}

/** By what it can do: a caller may have another copy of the class. */
function isClient(client: unknown): client is MongoClient {
  return typeof client === "object" && client !== null &&
    "startSession" in client && "db" in client;
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
