import { type FileHandle, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { LockError } from "../../base/errors/mod.ts";
import { hostName } from "../../base/host_name.ts";
import { jittered } from "../../base/pause.ts";
import { retry } from "../../base/retry.ts";

/** The file that exists while a process writes. */
const LOCK = ".dbp_writing";
/** Attempts to create it. */
const ATTEMPTS = 40;
/** Milliseconds between two attempts. Writing two files takes much less than all of them. */
const PAUSE = 50;

/**
 * Does some work in a migrations folder while no other process does.
 *
 * @throws {LockError} if another process works there for too long
 */
export async function withFolderLock(
  folder: string,
  work: () => Promise<void>,
): Promise<void> {
  const path = join(folder, LOCK);
  const file = await createLock(path);
  try {
    await file.writeFile(`process ${process.pid} on ${hostName()}`);
    await work();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** Milliseconds after which the file of a killed process no longer delays a reader. */
const STALE = 10_000;

/** Returns whether another process writes in a migrations folder. */
export async function isLocked(folder: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(join(folder, LOCK));
    return Date.now() - mtimeMs < STALE;
  } catch {
    return false;
  }
}

/** Creates the lock file, which must not exist. */
async function createLock(path: string): Promise<FileHandle> {
  return await retry(() => open(path, "wx"), {
    attempts: ATTEMPTS,
    async isRetryable(error, attempt) {
      const exists = error instanceof Error && "code" in error &&
        error.code === "EEXIST";
      if (exists && attempt === ATTEMPTS) throw await lockedError(path);
      return exists;
    },
    wait: () => jittered(PAUSE),
  });
}

async function lockedError(path: string): Promise<LockError> {
  const holder = await readFile(path, "utf8").catch(() => "");
  return new LockError(
    `Cannot write the migration: ${
      holder || "another process"
    } is writing in this folder. No file was written. If that process has ended, remove ${path}`,
    { holder: holder || undefined },
  );
}
