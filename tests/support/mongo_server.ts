import {
  MongoMemoryReplSet,
  MongoMemoryServer,
} from "mongodb-memory-server-core";
import { join } from "node:path";
import { findMongod } from "./mongod.ts";
import { makeServerFolder } from "./server_folder.ts";
import { freePort } from "./servers.ts";

/** A running MongoDB server on loopback, with its data in a temporary folder. */
export interface MongoServer {
  /** The URL, with user and password if the server requires them. */
  readonly url: string;
  readonly port: number;
  /** Kills the server, like a power failure. */
  kill(): Promise<void>;
  /** Restarts the server with the same data and port. */
  restart(): Promise<void>;
  /** Stops the server and deletes its data. */
  stop(): Promise<void>;
}

/** Options of a server to start. */
export interface MongoOptions {
  /** Whether a login is required; the user is {@link MONGO_USER}. */
  readonly auth?: boolean;
  /** Whether it is standalone, and so has no transactions. */
  readonly standalone?: boolean;
  /** The folder for its data (default: that of the run's servers). */
  readonly dir?: string;
  /** Further arguments of mongod. */
  readonly args?: readonly string[];
  /** Further variables of its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The user of a server with login. */
export const MONGO_USER = "root";

/** Whether this run leaves out MongoDB by `DBP_TEST_WITHOUT=mongo`. */
export const withoutMongo: boolean = (Deno.env.get("DBP_TEST_WITHOUT") ?? "")
  .split(",").includes("mongo");

/** The URL of the server that the test command started. */
export function mongoUrl(): string {
  const url = Deno.env.get("DBP_TEST_MONGO_URL");
  if (url !== undefined) return url;
  throw new Error(
    "No MongoDB server: run the tests with `deno task test [file]`, which starts one",
  );
}

/** Starts a new MongoDB server; by default a replica set of one member, without login. */
export async function startMongo(
  { auth = false, standalone = false, dir, args = [], env = {} }: MongoOptions =
    {},
): Promise<MongoServer> {
  const folder = await makeServerFolder("dbp-mongo-", dir);
  try {
    const dbPath = join(folder, "data");
    await Deno.mkdir(dbPath);
    const systemBinary = Deno.env.get("DBP_TEST_MONGOD") ??
      await findMongod(folder);
    const password = crypto.randomUUID();
    const common = {
      binary: { systemBinary, version: await versionOf(systemBinary) },
      auth: {
        enable: auth,
        customRootName: MONGO_USER,
        customRootPwd: password,
      },
    };
    const spawn = { env: { ...Deno.env.toObject(), ...env } };
    const instance = {
      dbPath,
      port: freePort(),
      storageEngine: "wiredTiger" as const,
      args: [...QUIET, ...args],
      launchTimeout: LAUNCH_LIMIT,
    };
    const server = standalone
      ? await MongoMemoryServer.create({ ...common, instance, spawn })
      : await MongoMemoryReplSet.create({
        binary: common.binary,
        instanceOpts: [instance],
        replSet: {
          count: 1,
          auth: common.auth,
          storageEngine: "wiredTiger",
          spawn,
        },
      });
    // A restarted member is still configured. It would refuse a second configuration during an election.
    const [member] = "servers" in server ? server.servers : [server];
    const info = (): NonNullable<MongoMemoryServer["instanceInfo"]> => {
      if (member?.instanceInfo) return member.instanceInfo;
      throw new Error("mongod is not running");
    };
    const { port } = info();
    const kill = async (): Promise<void> => {
      const child = info().instance.mongodProcess;
      // Ctrl-C at a terminal ends mongod too, and then no event follows. A full disk ends it as well.
      if (child?.exitCode === null && child.signalCode === null) {
        const { promise, resolve } = Promise.withResolvers<void>();
        child.once("close", () => resolve());
        child.kill("SIGKILL");
        // The event alone does not keep Deno waiting.
        const waiting = setInterval(() => {}, 1_000);
        await promise;
        clearInterval(waiting);
      }
      await member?.stop({ doCleanup: false });
    };
    return {
      url: urlOf(port, auth ? password : undefined, standalone),
      port,
      kill,
      async restart() {
        await member?.start(true);
      },
      async stop() {
        // A replica set takes a second to shut down; nobody needs its data.
        if (member?.instanceInfo) await kill();
        await Deno.remove(folder, { recursive: true });
      },
    };
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

/** Little memory, no diagnostic data collection, no versions of documents for later snapshots, and few lines in the log. */
const QUIET = [
  ...["--quiet", "--slowms", "60000"],
  ...["--wiredTigerCacheSizeGB", "0.5"],
  ...["--setParameter", "diagnosticDataCollectionEnabled=false"],
  ...["--setParameter", "minSnapshotHistoryWindowInSeconds=0"],
];
/** Milliseconds until a server accepts connections; two others may be starting. */
const LAUNCH_LIMIT = 60_000;

async function versionOf(mongod: string): Promise<string> {
  const { stdout } = await new Deno.Command(mongod, { args: ["--version"] })
    .output();
  const output = new TextDecoder().decode(stdout);
  return /db version v([\d.]+)/.exec(output)?.[1] ?? "0.0.0";
}

function urlOf(
  port: number,
  password: string | undefined,
  standalone: boolean,
): string {
  const user = password === undefined ? "" : `${MONGO_USER}:${password}@`;
  const options = [
    ...(standalone ? [] : ["replicaSet=testset"]),
    ...(password === undefined ? [] : ["authSource=admin"]),
  ];
  const query = options.length > 0 ? `?${options.join("&")}` : "";
  return `mongodb://${user}127.0.0.1:${port}/${query}`;
}
