import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { LockError, messageOf, MigrationError } from "../../base/errors/mod.ts";
import type { MigrationDialect } from "../../engine/migrations/mod.ts";
import { withFolderLock } from "./folder_lock.ts";
import { fileName } from "./file_name.ts";
import type { WrittenFiles } from "../report/reports.ts";

/** Returns the files of a migration before they are written. */
export function draftFiles(
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
 * Writes both files or neither. Each is written completely under a temporary
 * name, then both are renamed. The down file comes first: alone it is an error
 * that every command reports, while an up file alone would be a migration that
 * cannot be rolled back.
 *
 * @param known the migrations in the folder when these files were generated
 * @throws {MigrationError} with the error of the file system
 * @throws {LockError} if another process writes in the folder, or did meanwhile
 */
export async function writeFiles(
  folder: string,
  files: WrittenFiles,
  known: readonly string[],
): Promise<void> {
  const { up } = files;
  try {
    await mkdir(folder, { recursive: true });
    await withFolderLock(folder, async () => {
      await assertUnchanged(folder, files, known);
      await writeBoth(folder, files);
    });
  } catch (error) {
    if (error instanceof LockError) throw error;
    throw new MigrationError(
      `Cannot write ${up} and its down migration: ${
        messageOf(error)
      }. Neither file was written`,
      { cause: error },
    );
  }
}

/** @throws {LockError} if another migration was written meanwhile, which may have the same changes or the same time */
async function assertUnchanged(
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
    `Cannot write ${up}: another process wrote ${
      join(folder, other)
    } meanwhile, which may contain the same changes. Run the command again`,
  );
}

async function writeBoth(
  folder: string,
  { id, up, down, upText, downText }: WrittenFiles,
): Promise<void> {
  const stamp = crypto.randomUUID();
  const temporary = (direction: string): string =>
    join(folder, `.${id}.${direction}.${stamp}.tmp`);
  const leftovers = [temporary("down"), temporary("up")];
  try {
    await writeSynced(temporary("down"), downText);
    await writeSynced(temporary("up"), upText);
    await rename(temporary("down"), down);
    leftovers.push(down);
    await rename(temporary("up"), up);
    leftovers.pop();
  } finally {
    await Promise.allSettled(
      leftovers.map((path) => rm(path, { force: true })),
    );
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
