import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../errors.ts";
import type { MigrationDialect } from "../migration.ts";
import type { WrittenFiles } from "./reports.ts";

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
 * @throws {MigrationError} with what the system says
 */
export async function writeFiles(
  folder: string,
  { id, up, down, upText, downText }: WrittenFiles,
): Promise<void> {
  const stamp = crypto.randomUUID();
  const beside = (way: string): string =>
    join(folder, `.${id}.${way}.${stamp}.tmp`);
  const leftovers = [beside("down"), beside("up")];
  try {
    await mkdir(folder, { recursive: true });
    await writeWhole(beside("down"), downText);
    await writeWhole(beside("up"), upText);
    await rename(beside("down"), down);
    leftovers.push(down);
    await rename(beside("up"), up);
    leftovers.pop();
  } catch (error) {
    throw new MigrationError(
      `Cannot write ${up} and its way back: ${
        error instanceof Error ? error.message : error
      }. Neither was written`,
      { cause: error },
    );
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
