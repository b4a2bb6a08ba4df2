import type {
  LockOptions,
  MigrationServer,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { jsonHash } from "../file/json_hash.ts";
import { waitForLock } from "../history/wait_for_lock.ts";
import type { MigrationEngine } from "./engine.ts";
import { sessionOf } from "./session.ts";

/** Returns the target of an engine, with defaults for what the engine does not supply. */
export function migrationTarget(engine: MigrationEngine): MigrationTarget {
  const { dialect, models, history, lock, schema } = engine;
  const place = engine.place ?? dialect.folder;
  const server = (): Promise<MigrationServer> =>
    Promise.resolve({
      product: dialect.folder,
      name: dialect.folder,
      version: "0",
    });
  const target: Omit<MigrationTarget, "lock"> = {
    prove: () => Promise.resolve(),
    holder: () => Promise.resolve(undefined),
    server,
    fingerprint: async () => jsonHash([...await schema()].sort()),
    async differences(managed) {
      const intent = {
        renames: new Map(),
        drops: new Set<string>(),
        defaults: new Map(),
      };
      const { changes, unmanaged } = await engine.plan({ intent, managed: [] });
      return {
        changes,
        unmanaged: unmanaged.filter((name) => !managed.includes(name)),
      };
    },
    async otherTables() {
      const { unmanaged } = await target.differences([]);
      return unmanaged.filter((name) => !/[.#]/.test(name));
    },
    async isEmpty() {
      const existing = await schema();
      return !models.some((name) => existing.has(name));
    },
    ...engine,
    place,
    history: () => history.read(),
  };
  return {
    ...target,
    async lock(options: LockOptions) {
      const token = crypto.randomUUID();
      await waitForLock(place, options, {
        tryAcquire: async () => await lock.acquire(token) || undefined,
        holder: async () => ({ holder: await target.holder() }),
        poll: lock.poll,
      });
      return sessionOf(engine, target, token, options);
    },
  };
}
