import { mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ConnectionError } from "../../base/errors/mod.ts";
import { timestampText } from "../../base/timestamp_text.ts";

/** An exclusive lock on a folder. The operating system releases it when the process ends. */
export interface FolderLock {
  /** Whether the previous process ended while it created the folder. */
  readonly isIncomplete: boolean;
  /** Records that the folder is being created, or that it is complete. */
  note(state: "creating" | "complete"): Promise<void>;
  /** Releases the lock, if it is held. */
  release(): Promise<void>;
}

/** The end of the lock file while the folder is being created, and later if it never became complete. */
const MAKING = "the folder is being made";

/**
 * Acquires an exclusive lock of the operating system on a folder, through a file
 * beside it that names the lock holder.
 *
 * @param folder the path without symbolic links
 * @throws {ConnectionError} with the lock holder if another process holds it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = `${folder}.lock`;
  const file = await Deno.open(path, { create: true, read: true, write: true });
  if (!await file.tryLock(true)) {
    file.close();
    const [holder = ""] = (await Deno.readTextFile(path)).split("\n");
    throw new ConnectionError(
      `Cannot open ${folder}: ${
        holder || "another process has it open"
      }. A PGlite folder allows one process at a time; for several processes use a PostgreSQL server`,
    );
  }
  const holder = `process ${Deno.pid} has had it open since ${
    timestampText(new Date())
  }\n`;
  const isIncomplete = (await Deno.readTextFile(path)).includes(MAKING);
  let mark = isIncomplete ? MAKING : "";
  const write = async (text: string): Promise<void> => {
    await file.truncate();
    await file.seek(0, Deno.SeekMode.Start);
    await file.write(new TextEncoder().encode(text));
  };
  await write(holder + mark);
  let isHeld = true;
  return {
    isIncomplete,
    async note(state) {
      mark = state === "creating" ? MAKING : "";
      await write(holder + mark);
    },
    async release() {
      if (!isHeld) return;
      isHeld = false;
      await write(mark);
      await file.unlock();
      file.close();
    },
  };
}

/** Returns the path of an existing or future folder without symbolic links. Creates its parent folder. */
export async function realFolder(folder: string): Promise<string> {
  await mkdir(dirname(folder), { recursive: true });
  const parent = await realpath(dirname(folder));
  return await realpath(folder).catch(() => join(parent, basename(folder)));
}
