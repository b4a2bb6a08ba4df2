import {
  type Extensions,
  PGlite,
  type Transaction,
} from "@electric-sql/pglite";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createCallScope } from "../../base/call_scope.ts";
import {
  closedDuringCall,
  connectionClosed,
  ConnectionError,
  transactionEnded,
} from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { SqlConfig } from "./config.ts";
import {
  modesText,
  type SqlDriver,
  type SqlTransaction,
} from "../link/link.ts";
import {
  type FolderLock,
  lockFolder,
  realFolder,
} from "./pglite_folder_lock.ts";
import { queryInTransaction, queryPglite } from "./pglite_query.ts";
import { pgliteSession } from "./pglite_session.ts";
import { loadModule } from "../../base/load_module.ts";

/** The location of an embedded database, for messages. */
function pgliteText({ database }: SqlConfig): string {
  return database === "" || database.startsWith("memory://")
    ? "PGlite in memory"
    : `PGlite in ${resolve(database)}`;
}

/**
 * Opens PGlite, an embedded PostgreSQL. It has one session, so transactions wait
 * for each other. An exclusive lock of the operating system protects its folder.
 *
 * @throws {ConnectionError} with the lock holder if another process uses the folder
 */
export async function openPglite(
  config: SqlConfig,
  given: PGlite | undefined,
  models: readonly AnyModel[] = [],
): Promise<SqlDriver> {
  const inMemory = config.database.startsWith("memory://") ||
    given !== undefined;
  const [folder, lock] = inMemory ? [] : await lockedFolder(config.database);
  const db = given ?? await start(folder, lock, models);
  const open: OpenTransactions = { transactions: new Set(), closed: false };
  const calls = createCallScope();
  return {
    concurrent: false,
    location: pgliteText(config),
    query: (command, rows) => calls.run(() => queryPglite(db, command, rows)),
    begin: (options) => begin(db, modesText(options), open),
    reserve: () =>
      Promise.resolve(
        pgliteSession(db, () => ({
          query: (command, rows) => queryInTransaction(db, command, rows),
        })),
      ),
    async close() {
      try {
        open.closed = true;
        // Statements in the queue of PGlite are executed nevertheless.
        calls.end({ running: closedDuringCall, later: connectionClosed });
        // PGlite would wait for open transactions forever.
        for (const tx of open.transactions) await tx.rollback();
        if (given === undefined && !db.closed) await db.close();
      } finally {
        await lock?.release();
      }
    },
  };
}

/** Locks a folder. Returns its path without symbolic links, and the lock. */
async function lockedFolder(folder: string): Promise<[string, FolderLock]> {
  try {
    const path = await realFolder(resolve(folder));
    return [path, await lockFolder(path)];
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    throw new ConnectionError(
      `Cannot open PGlite in ${folder}: ${failureText(error)}`,
      { cause: error },
    );
  }
}

async function start(
  folder: string | undefined,
  lock: FolderLock | undefined,
  models: readonly AnyModel[],
): Promise<PGlite> {
  try {
    const extensions = await extensionsOf(models);
    return folder === undefined || lock === undefined
      ? await PGlite.create("memory://", { extensions })
      : await openFolder(folder, lock, extensions);
  } catch (error) {
    await lock?.release();
    throw new ConnectionError(
      `Cannot open PGlite in ${folder ?? "memory"}: ${failureText(error)}`,
      { cause: error },
    );
  }
}

/** Loads the extensions that models need. */
async function extensionsOf(models: readonly AnyModel[]): Promise<Extensions> {
  if (models.every(({ spatial }) => spatial?.using !== "cube")) return {};
  const { cube } = await loadModule(() =>
    import("@electric-sql/pglite/contrib/cube")
  );
  return { cube };
}

/** Opens a folder. An incomplete folder, which no process has written to, is created again. */
async function openFolder(
  folder: string,
  lock: FolderLock,
  extensions: Extensions,
): Promise<PGlite> {
  await mkdir(folder, { recursive: true });
  const existing = await readdir(folder);
  const isNew = lock.isIncomplete || existing.length === 0;
  if (!isNew) {
    await removeEmptyPid(folder);
    return await PGlite.create(folder, { extensions });
  }
  for (const name of existing) {
    await rm(join(folder, name), { recursive: true });
  }
  await lock.note("creating");
  const db = await PGlite.create(folder, { extensions });
  await lock.note("complete");
  return db;
}

/** Removes the process file of a PGlite that was killed before it wrote the file: PostgreSQL does not start beside an empty one. */
async function removeEmptyPid(folder: string): Promise<void> {
  const path = join(folder, "postmaster.pid");
  const file = await stat(path).catch(() => undefined);
  if (file?.size === 0) await rm(path);
}

/** Messages of PGlite about its internals, if it cannot start in a folder. */
const INTERNAL_FAILURE =
  /^Aborted\(|failed to initialize|^Cannot read properties|^$/;

function failureText(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  return INTERNAL_FAILURE.test(message)
    ? `PostgreSQL does not start in it${
      message === "" ? "" : ` (${message.replace(/\.? .*Build with.*$/, "")})`
    }. Check that it is a PGlite folder, that the disk has free space, and that the folder is not damaged; use a backup or an empty folder`
    : message;
}

/** The open transactions; at most one. */
interface OpenTransactions {
  readonly transactions: Set<SqlTransaction>;
  closed: boolean;
}

/** Begins a transaction of PGlite, which blocks other statements of the caller; so the server's default isolation level makes no difference. */
async function begin(
  db: PGlite,
  modes: string,
  open: OpenTransactions,
): Promise<SqlTransaction> {
  const ready = Promise.withResolvers<Transaction>();
  const ended = Promise.withResolvers<void>();
  let end: "commit" | "rollback" | undefined;
  const finished = db.transaction(async (tx) => {
    if (open.closed) throw new Error("PGlite is closed");
    if (modes !== "") await tx.exec(`set transaction${modes}`);
    ready.resolve(tx);
    await ended.promise;
    if (end === "rollback") await tx.rollback();
  });
  finished.catch(ready.reject);
  const tx = await ready.promise;
  const running = new Set<Promise<unknown>>();
  /** Refuses statements after the end: PGlite would execute them without the transaction. */
  const whileOpen = async <T>(work: () => Promise<T>): Promise<T> => {
    if (end !== undefined || tx.closed) throw transactionEnded();
    const call = work();
    running.add(call);
    try {
      return await call;
    } finally {
      running.delete(call);
    }
  };
  const finish = async (action: "commit" | "rollback"): Promise<void> => {
    end ??= action;
    await Promise.allSettled(running);
    ended.resolve();
    await finished;
    if (end !== action) throw transactionEnded();
  };
  const begun: SqlTransaction = {
    query: (command, rows) =>
      whileOpen(() => queryInTransaction(db, command, rows)),
    async copyIn(target, chunks) {
      const parts: BlobPart[] = [];
      for await (const chunk of chunks) parts.push(new Uint8Array(chunk));
      const { rowCount } = await whileOpen(() =>
        tx.query(
          `copy ${target} from '/dev/blob' with (format binary)`,
          [],
          { blob: new Blob(parts) },
        )
      );
      return rowCount ?? 0;
    },
    commit: () => finish("commit"),
    rollback: () => finish("rollback").catch(() => {}),
  };
  open.transactions.add(begun);
  finished.catch(() => {}).then(() => open.transactions.delete(begun));
  return begun;
}
