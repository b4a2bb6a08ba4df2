import type { Executor } from "../query/statement/executor.ts";
import { isReplicaFault, mayDifferElsewhere } from "./driver/replica_errors.ts";
import type { ReplicaServer } from "./replica.ts";

/** The replicas of a connection. */
export interface Replicas {
  /**
   * Returns an executor for one call that only reads.
   *
   * @param primary executes statements if no replica can
   */
  reader(primary: Executor): Executor;
  /** Closes their connections. */
  close(): Promise<void>;
}

/** The server of a call: a replica, or the primary. */
interface Chosen {
  readonly replica: ReplicaServer | undefined;
  readonly executor: Executor;
}

/** Creates the set of replicas. */
export function createReplicas(servers: readonly ReplicaServer[]): Replicas {
  let next = 0;

  /** Returns the replica with the fewest statements that is ready; in turn if several have as few. */
  function leastBusy(
    tried: ReadonlySet<ReplicaServer>,
  ): ReplicaServer | undefined {
    let best: ReplicaServer | undefined;
    for (let offset = 0; offset < servers.length; offset++) {
      const server = servers[(next + offset) % servers.length];
      if (server === undefined || tried.has(server) || !server.isReady()) {
        continue;
      }
      if (best === undefined || server.busy < best.busy) best = server;
    }
    if (best !== undefined) next = servers.indexOf(best) + 1;
    return best;
  }

  async function choose(
    tried: ReadonlySet<ReplicaServer>,
  ): Promise<ReplicaServer | undefined> {
    for (const server of servers) server.refresh();
    const ready = leastBusy(tried);
    if (ready !== undefined) return ready;
    // Replicas that are left out are checked in the background.
    const unknown = servers.filter((server) =>
      !tried.has(server) && !server.isLeftOut()
    );
    await firstTrue(unknown.map((server) => server.check()));
    return leastBusy(tried);
  }

  return {
    reader: (primary) => readerOn(primary, choose),
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/**
 * Creates the executor of one call. Its statements use one replica. If that
 * fails, they use another one before the call has read something, and then the
 * primary, so that a call never reads an earlier state than before.
 */
function readerOn(
  primary: Executor,
  choose: (
    tried: ReadonlySet<ReplicaServer>,
  ) => Promise<ReplicaServer | undefined>,
): Executor {
  const tried = new Set<ReplicaServer>();
  let hasRead = false;
  let choosing: Promise<Chosen> | undefined;

  async function chosen(): Promise<Chosen> {
    const replica = hasRead ? undefined : await choose(tried);
    const executor = replica?.executor();
    return executor === undefined
      ? { replica: undefined, executor: primary }
      : { replica, executor };
  }

  /** Returns whether a statement that failed on a replica can run on another server. */
  function moveOn(replica: ReplicaServer, error: unknown): boolean {
    if (isReplicaFault(error)) replica.leaveOut(error);
    else if (!mayDifferElsewhere(error)) return false;
    // Concurrent statements of the call may have moved on already.
    if (!tried.has(replica)) {
      tried.add(replica);
      choosing = undefined;
    }
    return true;
  }

  function on(signal: AbortSignal | undefined): Executor {
    const limit = (executor: Executor): Executor =>
      signal === undefined ? executor : executor.limited?.(signal) ?? executor;

    async function attempt<T>(
      work: (executor: Executor) => Promise<T>,
    ): Promise<T> {
      for (;;) {
        const { replica, executor } = await (choosing ??= chosen());
        if (replica === undefined) return await work(limit(executor));
        replica.busy++;
        try {
          const result = await work(limit(executor));
          hasRead = true;
          return result;
        } catch (error) {
          if (signal?.aborted || !moveOn(replica, error)) throw error;
        } finally {
          replica.busy--;
        }
      }
    }

    return {
      run: (statement) => attempt((executor) => executor.run(statement)),
      async *stream(statement, batchSize) {
        for (let isBegun = false;;) {
          const { replica, executor } = await (choosing ??= chosen());
          if (replica !== undefined) replica.busy++;
          try {
            for await (
              const rows of limit(executor).stream(statement, batchSize)
            ) {
              isBegun = hasRead = true;
              yield rows;
            }
            return;
          } catch (error) {
            if (replica === undefined || signal?.aborted) throw error;
            if (!moveOn(replica, error) || isBegun) throw error;
          } finally {
            if (replica !== undefined) replica.busy--;
          }
        }
      },
      keyIdentities: (model, fields, keys) =>
        attempt(async (executor) =>
          await executor.keyIdentities?.(model, fields, keys)
        ),
      transaction: (fn, options) => limit(primary).transaction(fn, options),
      limited: on,
    };
  }
  return on(undefined);
}

/** Resolves when the first of some promises is true, or all are false. */
async function firstTrue(promises: readonly Promise<boolean>[]): Promise<void> {
  await Promise.any(promises.map(async (promise) => {
    if (!await promise) throw new Error("false");
  })).catch(() => {});
}
