import { readdir } from "node:fs/promises";
import { messageOf, MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import { fileName } from "./file_name.ts";
import { isLocked } from "./folder_lock.ts";
import { pause } from "../../base/pause.ts";

/** Attempts to list the files, while another process writes some of them. */
const ATTEMPTS = 80;
/** Milliseconds between two attempts. */
const PAUSE = 25;

/** Returns the {@link namesIn} a folder when no other process is between the two files of a migration. */
export async function writtenNames(
  path: string,
  extension: string,
): Promise<string[] | undefined> {
  for (let attempt = 1;; attempt++) {
    const isWriting = await isLocked(path);
    const names = await namesIn(path, extension);
    if (names === undefined || attempt === ATTEMPTS) return names;
    if (!hasSingleFiles(names, extension)) return names;
    // The writer may have ended between the lock and the list.
    if (!isWriting && attempt > 1) return names;
    if (isWriting) await pause(PAUSE);
  }
}

/** Returns whether a migration has only one of its two files. */
function hasSingleFiles(names: readonly string[], extension: string): boolean {
  const count = new Map<string, number>();
  for (const name of names) {
    const id = fileName(name, extension)?.id;
    if (id !== undefined) count.set(id, (count.get(id) ?? 0) + 1);
  }
  return [...count.values()].some((files) => files === 1);
}

/** Returns the names of files that may be migrations, in order; undefined if the folder does not exist. */
async function namesIn(
  path: string,
  extension: string,
): Promise<string[] | undefined> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .filter((name) => !name.startsWith(".") && isCandidate(name, extension))
      .sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new MigrationError(
      `Cannot read the migrations in ${path}: ${messageOf(error)}`,
      { exitCode: EXIT.invalid, cause: error },
    );
  }
}

/** Returns whether a file must be a migration: it has the engine's extension, or begins like a time. Other files, such as notes, are ignored. */
function isCandidate(name: string, extension: string): boolean {
  return name.toLowerCase().endsWith(extension) || /^\d{8}/.test(name);
}

/** Returns the code of a file system error: `ENOENT`. */
function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
