import { PGlite, type Transaction } from "@electric-sql/pglite";
import { resolve } from "node:path";
import { ConnectionError } from "../../errors.ts";
import type { SqlConfig } from "../config.ts";
import {
  beginText,
  type Command,
  type Done,
  type RawRow,
  type SqlDriver,
  type SqlTransaction,
} from "../link.ts";
import { type FolderLock, lockFolder } from "./folder_lock.ts";

const same = (value: string): string => value;
/** Values are written by the model's own types, whatever the column's. */
const asText: Record<number, (value: string) => string> = new Proxy({}, {
  get: () => same,
});

/** What errors call an embedded database. */
export function placeOf({ database }: SqlConfig): string {
  return `PGlite in ${database === "" ? "memory" : database}`;
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
  const folder = inMemory ? undefined : resolve(config.database);
  const lock = folder === undefined ? undefined : await lockFolder(folder);
  const db = given ?? await start(folder, lock);
  const readers = asTexts(db);
  return {
    concurrent: false,
    place: placeOf(config),
    query: (command, onRow) => query(db, readers, command, onRow),
    begin: (options) => begin(db, readers, beginText(options)),
    async close() {
      if (given === undefined && !db.closed) await db.close();
      await lock?.release();
    },
  };
}

async function start(
  folder: string | undefined,
  lock: FolderLock | undefined,
): Promise<PGlite> {
  try {
    return await PGlite.create(folder ?? "memory://");
  } catch (error) {
    await lock?.release();
    throw new ConnectionError(`Cannot open PGlite in ${folder ?? "memory"}`, {
      cause: error,
    });
  }
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

/** Begins a transaction by PGlite's own, which keeps out the caller's other uses of the database. */
async function begin(
  db: PGlite,
  readers: Readers,
  text: string,
): Promise<SqlTransaction> {
  const ready = Promise.withResolvers<Transaction>();
  const ended = Promise.withResolvers<"commit" | "rollback">();
  const finished = db.transaction(async (tx) => {
    if (text !== "begin") {
      await tx.exec(text.replace("begin", "set transaction"));
    }
    ready.resolve(tx);
    if (await ended.promise === "rollback") await tx.rollback();
  });
  finished.catch(ready.reject);
  const tx = await ready.promise;
  return {
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
    async commit() {
      ended.resolve("commit");
      await finished;
    },
    async rollback() {
      ended.resolve("rollback");
      await finished.catch(() => {});
    },
  };
}
