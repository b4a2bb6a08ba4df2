import { MongoClient } from "mongodb";
import { join } from "node:path";
import { type FaultProxy, startFaultProxy } from "./faults/proxy.ts";
import { findMongod } from "./mongod.ts";
import { makeServerFolder } from "./server_folder.ts";
import { freePort } from "./servers.ts";

/** A replica set whose members and clients reach each member through a proxy. */
export interface ReplicaSet extends AsyncDisposable {
  /** The URL with all members. */
  readonly url: string;
  /** The proxies of the members. */
  readonly proxies: readonly FaultProxy[];
  /** Returns the index of the primary, after one is elected. */
  primary(): Promise<number>;
  /** Makes the primary step down, so that another member is elected. */
  stepDown(): Promise<void>;
  /** Cuts a member off from the clients and from the other members, until `heal`. */
  partition(member: number): void;
  /** Ends every fault. */
  heal(): void;
}

/**
 * Starts a replica set of three members.
 *
 * @param election milliseconds without the primary until the others elect a new one; a busy machine can stop a primary for a second
 */
export async function startReplicaSet(election: number): Promise<ReplicaSet> {
  await using starting = new AsyncDisposableStack();
  const folder = await makeServerFolder("dbp-replica-set-");
  starting.defer(() => Deno.remove(folder, { recursive: true }));
  const mongod = Deno.env.get("DBP_TEST_MONGOD") ?? await findMongod(folder);
  const ports = [freePort(), freePort(), freePort()];
  const proxies = ports.map((port) =>
    starting.use(startFaultProxy({ port, protocol: "mongodb" }))
  );
  await Promise.all(ports.map(async (port, index) => {
    const dbpath = join(folder, String(index));
    await Deno.mkdir(dbpath);
    starting.defer(await started(mongod, dbpath, port));
  }));
  const hosts = proxies.map(({ port }) => `127.0.0.1:${port}`);
  const direct = (index: number): string =>
    `mongodb://127.0.0.1:${ports[index]}/?directConnection=true`;
  const asked = async <T>(
    index: number,
    ask: (client: MongoClient) => Promise<T>,
  ): Promise<T> => {
    await using client = new MongoClient(direct(index), {
      serverSelectionTimeoutMS: 5_000,
    });
    return await ask(client);
  };
  const primary = async (): Promise<number> => {
    for (;;) {
      const states = await Promise.all(
        hosts.map((_, index) =>
          asked(index, (client) => client.db("admin").command({ hello: 1 }))
            .catch(() => undefined)
        ),
      );
      const found = states.findIndex((state) => state?.isWritablePrimary);
      if (found >= 0) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await asked(0, (client) =>
    client.db("admin").command({
      replSetInitiate: {
        _id: "faults",
        settings: {
          electionTimeoutMillis: election,
          heartbeatIntervalMillis: 250,
          heartbeatTimeoutSecs: Math.ceil(election / 1_000),
        },
        members: hosts.map((host, _id) => ({ _id, host })),
      },
    }));
  await primary();
  const running = starting.move();
  return {
    url: `mongodb://${hosts.join(",")}/?replicaSet=faults`,
    proxies,
    primary,
    async stepDown() {
      const member = await primary();
      await asked(member, (client) =>
        client.db("admin").command({
          replSetStepDown: 3 * Math.ceil(election / 1_000),
          secondaryCatchUpPeriodSecs: 1,
          force: true,
        })).catch(() => {});
    },
    partition(member) {
      const host = hosts[member] ?? "";
      for (const [index, proxy] of proxies.entries()) {
        // Heartbeats name their sender.
        proxy.swallow(index === member ? undefined : host);
      }
    },
    heal() {
      for (const proxy of proxies) proxy.heal();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Starts a member, and returns what kills it. */
async function started(
  mongod: string,
  dbpath: string,
  port: number,
): Promise<() => Promise<void>> {
  const child = new Deno.Command(mongod, {
    args: [
      ...["--dbpath", dbpath, "--port", String(port), "--bind_ip", "127.0.0.1"],
      ...["--replSet", "faults", "--quiet", "--wiredTigerCacheSizeGB", "0.25"],
      ...["--nounixsocket", "--oplogSize", "64"],
      ...["--setParameter", "diagnosticDataCollectionEnabled=false"],
      ...["--setParameter", "minSnapshotHistoryWindowInSeconds=0"],
    ],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const read = async (): Promise<void> => {
    let isUp = false;
    const text = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const part of text) {
      isUp ||= part.includes("Waiting for connections");
      if (isUp) resolve();
    }
    reject(new Error(`mongod ended on port ${port}`));
  };
  const ended = read();
  ended.catch(reject);
  await promise;
  return async () => {
    child.kill("SIGKILL");
    await child.status;
    await ended;
  };
}
