import {
  MongoMemoryReplSet,
  MongoMemoryServer,
} from "mongodb-memory-server-core";
import { join } from "node:path";
import { findMongod } from "./mongod.ts";

/** A running MongoDB server, on loopback, with its data in a temporary folder. */
export interface MongoServer {
  /** How to reach it, with the user and password where it asks for them. */
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** What kind of server to start. */
export interface MongoOptions {
  /** Whether it asks for a password; the user is {@link MONGO_USER}. */
  readonly auth?: boolean;
  /** Whether it is no replica set, and so has no transactions. */
  readonly standalone?: boolean;
  /** Further arguments of mongod. */
  readonly args?: readonly string[];
}

/** The user of a server that asks for one. */
export const MONGO_USER = "root";

/** Whether MongoDB is left out of this run on purpose, with `DBP_TEST_WITHOUT=mongo`. */
export const withoutMongo: boolean = (Deno.env.get("DBP_TEST_WITHOUT") ?? "")
  .split(",").includes("mongo");

/** Where the server that the test command started is. */
export function mongoUrl(): string {
  const url = Deno.env.get("DBP_TEST_MONGO_URL");
  if (url !== undefined) return url;
  throw new Error(
    "No MongoDB server: run the tests with `deno task test [file]`, which starts one",
  );
}

/** Starts a MongoDB server of its own: a replica set of one, without a password, unless the options say otherwise. */
export async function startMongo(
  { auth = false, standalone = false, args = [] }: MongoOptions = {},
): Promise<MongoServer> {
  const folder = await Deno.makeTempDir({ prefix: "dbp-mongo-" });
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
    const instance = {
      dbPath,
      storageEngine: "wiredTiger" as const,
      args: [...QUIET, ...args],
      launchTimeout: LAUNCH_LIMIT,
    };
    const server = standalone
      ? await MongoMemoryServer.create({ ...common, instance })
      : await MongoMemoryReplSet.create({
        binary: common.binary,
        instanceOpts: [instance],
        replSet: { count: 1, auth: common.auth, storageEngine: "wiredTiger" },
      });
    // A member that comes back is itself again: the set needs no second configuration, which it would refuse while it elects.
    const [member] = "servers" in server ? server.servers : [server];
    const info = (): NonNullable<MongoMemoryServer["instanceInfo"]> => {
      if (member?.instanceInfo) return member.instanceInfo;
      throw new Error("mongod is not running");
    };
    const { port } = info();
    return {
      url: urlOf(port, auth ? password : undefined, standalone),
      port,
      async kill() {
        const child = info().instance.mongodProcess;
        const { promise, resolve } = Promise.withResolvers<void>();
        child?.once("close", () => resolve());
        child?.kill("SIGKILL");
        await promise;
        await member?.stop({ doCleanup: false });
      },
      async restart() {
        await member?.start(true);
      },
      async stop() {
        await server.stop();
        await Deno.remove(folder, { recursive: true });
      },
    };
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

/** Little memory, and none of the measurements that mongod takes of itself. */
const QUIET = [
  ...["--wiredTigerCacheSizeGB", "0.5"],
  ...["--setParameter", "diagnosticDataCollectionEnabled=false"],
];
/** Milliseconds until a server takes connections; two others may be starting. */
const LAUNCH_LIMIT = 60_000;

async function versionOf(mongod: string): Promise<string> {
  const { stdout } = await new Deno.Command(mongod, { args: ["--version"] })
    .output();
  const said = new TextDecoder().decode(stdout);
  return /db version v([\d.]+)/.exec(said)?.[1] ?? "0.0.0";
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
