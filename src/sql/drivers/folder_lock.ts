import { mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ConnectionError } from "../../errors.ts";

/** An exclusive hold on a folder, which ends with the process at the latest. */
export interface FolderLock {
  /** Lets go; twice is fine. */
  release(): Promise<void>;
}

/**
 * Takes an exclusive lock of the operating system on a folder, by its own name,
 * through a file beside it that says who has it.
 *
 * @throws {ConnectionError} naming the holder where it is taken
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = `${folder}.lock`;
  const file = await Deno.open(path, { create: true, read: true, write: true });
  if (!await file.tryLock(true)) {
    file.close();
    const holder = (await Deno.readTextFile(path)).trim();
    throw new ConnectionError(
      `Cannot open ${folder}: ${
        holder || "another process"
      } has it open. PGlite works for one process at a time; several need a PostgreSQL server`,
    );
  }
  await file.truncate();
  await file.write(
    new TextEncoder().encode(
      `process ${Deno.pid}, since ${new Date().toISOString()}\n`,
    ),
  );
  let held = true;
  return {
    async release() {
      if (!held) return;
      held = false;
      await file.truncate();
      await file.unlock();
      file.close();
    },
  };
}

/** The own name of a folder that is there or will be, by whatever links it is called; what it is to stand in is made. */
export async function realPlace(folder: string): Promise<string> {
  await mkdir(dirname(folder), { recursive: true });
  const parent = await realpath(dirname(folder));
  return await realpath(folder).catch(() => join(parent, basename(folder)));
}
