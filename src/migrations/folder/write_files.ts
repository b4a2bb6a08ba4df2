import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { LockError, MigrationError } from "../../base/errors/mod.ts";
import type { MigrationDialect } from "../../engine/migrations/mod.ts";
import { inFolder } from "./folder_lock.ts";
import { fileName } from "./file_name.ts";
import type { WrittenFiles } from "../report/reports.ts";

/** The files of a migration that may yet be written. */
export function filesOf(
  dialect: MigrationDialect,
  folder: string,
  id: string,
  texts: { readonly up: string; readonly down: string },
): WrittenFiles {
  return {
    id,
    up: join(folder, `${id}.up${dialect.extension}`),
    down: join(folder, `${id}.down${dialect.extension}`),
    upText: texts.up,
    downText: texts.down,
  };
}

/**
 * Writes both files or none: each whole beside its place, then both into their
 * places. The file back goes first: alone, it is an error that every command
 * tells, while a file forwards alone would be a migration without a way back.
 *
 * @param known the migrations that the folder had when these were made
 * @throws {MigrationError} with what the system says
 * @throws {LockError} where another process writes there, or wrote since
 */
export async function writeFiles(
  folder: string,
  files: WrittenFiles,
  known: readonly string[],
): Promise<void> {
  const { up } = files;
  try {
    await mkdir(folder, { recursive: true });
    await inFolder(folder, async () => {
      await assertAsKnown(folder, files, known);
      await writeBoth(folder, files);
    });
  } catch (error) {
    if (error instanceof LockError) throw error;
    throw new MigrationError(
      `Cannot write ${up} and its way back: ${
        error instanceof Error ? error.message : error
      }. Neither was written`,
      { cause: error },
    );
  }
}

/** @throws {LockError} where others were written meanwhile, which may do the same or have the same time */
async function assertAsKnown(
  folder: string,
  { up }: WrittenFiles,
  known: readonly string[],
): Promise<void> {
  const names = await readdir(folder);
  const other = names.find((name) => {
    const id = fileName(name, extname(up))?.id;
    return id !== undefined && !known.includes(id);
  });
  if (other === undefined) return;
  throw new LockError(
    `Did not write ${up}: ${
      join(folder, other)
    } was written meanwhile, which may do the same. Run it again`,
  );
}

async function writeBoth(
  folder: string,
  { id, up, down, upText, downText }: WrittenFiles,
): Promise<void> {
  const stamp = crypto.randomUUID();
  const beside = (way: string): string =>
    join(folder, `.${id}.${way}.${stamp}.tmp`);
  const leftovers = [beside("down"), beside("up")];
  try {
    await writeWhole(beside("down"), downText);
    await writeWhole(beside("up"), upText);
    await rename(beside("down"), down);
    leftovers.push(down);
    await rename(beside("up"), up);
    leftovers.pop();
  } finally {
    await Promise.allSettled(
      leftovers.map((path) => rm(path, { force: true })),
    );
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
