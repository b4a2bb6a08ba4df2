import { PGlite, type Transaction } from "@electric-sql/pglite";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ConnectionError } from "../../base/errors/mod.ts";
import type { SqlConfig } from "./config.ts";
import {
  beginText,
  type Command,
  type Done,
  type RawRow,
  type SqlDriver,
  type SqlTransaction,
} from "../link/link.ts";
import {
  type FolderLock,
  lockFolder,
  realPlace,
} from "./pglite_folder_lock.ts";
import { pgliteSession } from "./pglite_session.ts";

const same = (value: string): string => value;
/** Values are written by the model's own types, whatever the column's. */
const asText: Record<number, (value: string) => string> = new Proxy({}, {
  get: () => same,
});

/** What errors call an embedded database. */
export function placeOf({ database }: SqlConfig): string {
  return database === "" || database.startsWith("memory://")
    ? "PGlite in memory"
    : `PGlite in ${resolve(database)}`;
}

/**
 * PostgreSQL embedded by PGlite: one session, so transactions wait for each
 * other. A folder is opened under an exclusive lock of the operating system.
 *
 * @throws {ConnectionError} naming the holder where another process has the folder
 */
export async function openPglite(
  config: SqlConfig,
  given: PGlite | undefined,
): Promise<SqlDriver> {
  const inMemory = config.database.startsWith("memory://") ||
    given !== undefined;
  const [folder, lock] = inMemory ? [] : await held(config.database);
  const db = given ?? await start(folder, lock);
  const readers = asTexts(db);
  const open: OpenTransactions = { transactions: new Set(), closed: false };
  return {
    concurrent: false,
    place: placeOf(config),
    query: (command, onRow) => query(db, readers, command, onRow),
    begin: (options) => begin(db, readers, beginText(options), open),
    reserve: () =>
      Promise.resolve(
        pgliteSession(db, (tx) => ({
          query: (command, onRow) => query(tx, readers, command, onRow),
        })),
      ),
    async close() {
      try {
        open.closed = true;
        // PGlite would wait for them without end.
        for (const tx of open.transactions) await tx.rollback();
        if (given === undefined && !db.closed) await db.close();
      } finally {
        await lock?.release();
      }
    },
  };
}

/** The folder by its own name, and a lock on it. */
async function held(folder: string): Promise<[string, FolderLock]> {
  try {
    const place = await realPlace(resolve(folder));
    return [place, await lockFolder(place)];
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    throw new ConnectionError(
      `Cannot open PGlite in ${folder}: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

async function start(
  folder: string | undefined,
  lock: FolderLock | undefined,
): Promise<PGlite> {
  try {
    return folder === undefined || lock === undefined
      ? await PGlite.create("memory://")
      : await inFolder(folder, lock);
  } catch (error) {
    await lock?.release();
    throw new ConnectionError(
      `Cannot open PGlite in ${folder ?? "memory"}: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/** Opens a folder; one that was left half made, which nobody ever wrote to, is made anew. */
async function inFolder(folder: string, lock: FolderLock): Promise<PGlite> {
  await mkdir(folder, { recursive: true });
  const there = await readdir(folder);
  const isNew = lock.isHalfMade || there.length === 0;
  if (!isNew) return await PGlite.create(folder);
  for (const name of there) await rm(join(folder, name), { recursive: true });
  await lock.note("making");
  const db = await PGlite.create(folder);
  await lock.note("whole");
  return db;
}

/** What PGlite says of a folder that it cannot start on: words about its own insides. */
const INSIDES = /^Aborted\(|failed to initialize|^Cannot read properties|^$/;

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  return INSIDES.test(message)
    ? `PostgreSQL does not start there${
      message === "" ? "" : ` (${message.replace(/\.? .*Build with.*$/, "")})`
    }: is it a folder of PGlite's, is there room on the disk, or is it damaged? A copy of it, or an empty folder, would do`
    : message;
}

/** The part of PGlite that a transaction has too. */
type Queries = Pick<Transaction, "query">;

type Readers = Record<number, (value: string) => string>;

/** Readers that leave the text of every type that PGlite would read as it is; the model's types read it. */
function asTexts(db: PGlite): Readers {
  return Object.fromEntries(Object.keys(db.parsers).map((oid) => [oid, same]));
}

async function query(
  db: Queries,
  parsers: Readers,
  { text, values }: Command,
  onRow: ((row: RawRow) => void) | undefined,
): Promise<Done> {
  const { rows, rowCount, fields } = await db.query<RawRow>(text, [...values], {
    rowMode: "array",
    parsers,
    serializers: asText,
  });
  if (onRow !== undefined) { for (const row of rows) onRow(row); }
  return { count: rowCount ?? 0, columns: fields };
}

/** The transactions that are under way; there is one at most. */
interface OpenTransactions {
  readonly transactions: Set<SqlTransaction>;
  closed: boolean;
}

/** Begins a transaction by PGlite's own, which keeps out the caller's other uses of the database. */
async function begin(
  db: PGlite,
  readers: Readers,
  text: string,
  open: OpenTransactions,
): Promise<SqlTransaction> {
  const ready = Promise.withResolvers<Transaction>();
  const ended = Promise.withResolvers<void>();
  let end: "commit" | "rollback" | undefined;
  const finished = db.transaction(async (tx) => {
    if (open.closed) throw new Error("PGlite is closed");
    if (text !== "begin") {
      await tx.exec(text.replace("begin", "set transaction"));
    }
    ready.resolve(tx);
    await ended.promise;
    if (end === "rollback") await tx.rollback();
  });
  finished.catch(ready.reject);
  const tx = await ready.promise;
  const finish = async (how: "commit" | "rollback"): Promise<void> => {
    end ??= how;
    ended.resolve();
    await finished;
    if (end !== how) throw new Error("The transaction has ended");
  };
  const begun: SqlTransaction = {
    query: (command, onRow) => query(tx, readers, command, onRow),
    async copyIn(into, chunks) {
      const parts: BlobPart[] = [];
      for await (const chunk of chunks) parts.push(new Uint8Array(chunk));
      const { rowCount } = await tx.query(
        `copy ${into} from '/dev/blob' with (format binary)`,
        [],
        { blob: new Blob(parts) },
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
