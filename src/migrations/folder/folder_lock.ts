import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { LockError } from "../../base/errors/mod.ts";
import { hostName } from "../../base/host_name.ts";
import { jittered, pause } from "../../base/pause.ts";

/** The file that is there while somebody writes. */
const LOCK = ".dbp_writing";
/** How often it is looked for. */
const TRIES = 40;
/** Milliseconds between two looks. Two files are written in much less than all of them. */
const PAUSE = 50;

/**
 * Works in a folder of migrations while no other process does.
 *
 * @throws {LockError} where another one has been there too long
 */
export async function inFolder(
  folder: string,
  work: () => Promise<void>,
): Promise<void> {
  const path = join(folder, LOCK);
  const file = await taken(path);
  try {
    await file.writeFile(`process ${process.pid} on ${hostName()}`);
    await work();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** The file, made by nobody else. */
async function taken(path: string): Promise<FileHandle> {
  for (let tries = 1;; tries++) {
    try {
      return await open(path, "wx");
    } catch (error) {
      const isThere = error instanceof Error && "code" in error &&
        error.code === "EEXIST";
      if (!isThere) throw error;
      if (tries >= TRIES) throw await heldBy(path);
    }
    await pause(jittered(PAUSE));
  }
}

async function heldBy(path: string): Promise<LockError> {
  const holder = await readFile(path, "utf8").catch(() => "");
  return new LockError(
    `Nothing was written: by ${path}, ${
      holder || "another process"
    } writes there. Where that has ended, remove the file`,
    { holder: holder || undefined },
  );
}
