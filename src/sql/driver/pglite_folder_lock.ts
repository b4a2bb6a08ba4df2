import { mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ConnectionError } from "../../base/errors/mod.ts";

/** An exclusive hold on a folder, which ends with the process at the latest. */
export interface FolderLock {
  /** Whether who had it last ended while making what is in the folder. */
  readonly isHalfMade: boolean;
  /** Notes that the folder is being made, or that it is whole. */
  note(state: "making" | "whole"): Promise<void>;
  /** Lets go; twice is fine. */
  release(): Promise<void>;
}

/** What the file ends with while the folder is being made, and after that where it never was whole. */
const MAKING = "the folder is being made";

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
    const [holder = ""] = (await Deno.readTextFile(path)).split("\n");
    throw new ConnectionError(
      `Cannot open ${folder}: ${
        holder || "another process"
      } has it open. PGlite works for one process at a time; several need a PostgreSQL server`,
    );
  }
  const holder = `process ${Deno.pid}, since ${new Date().toISOString()}\n`;
  const isHalfMade = (await Deno.readTextFile(path)).includes(MAKING);
  let mark = isHalfMade ? MAKING : "";
  const say = async (text: string): Promise<void> => {
    await file.truncate();
    await file.seek(0, Deno.SeekMode.Start);
    await file.write(new TextEncoder().encode(text));
  };
  await say(holder + mark);
  let held = true;
  return {
    isHalfMade,
    async note(state) {
      mark = state === "making" ? MAKING : "";
      await say(holder + mark);
    },
    async release() {
      if (!held) return;
      held = false;
      await say(mark);
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
