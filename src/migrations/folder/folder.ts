import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LimitError, MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  Direction,
  MigrationDialect,
  MigrationTarget,
  Script,
} from "../../engine/migrations/mod.ts";
import {
  fileName,
  fileNameAdvice,
  invalidTime,
  secondOf,
} from "./file_name.ts";
import { isLocked } from "./folder_lock.ts";
import { missingFolderError } from "./missing_folder.ts";
import { readSmallFile } from "../../base/read_small_file.ts";
import { pause } from "../../base/pause.ts";
import type { Problem } from "../report/reports.ts";
import { assertNoProblems } from "../report/problem.ts";
import { DIRECTORY } from "../report/options.ts";

/** A file and its content. */
export interface SourceFile {
  /** The path, for messages. */
  readonly path: string;
  readonly text: string;
  readonly script: Script;
}

/** The files of one migration. */
export interface MigrationFiles {
  readonly id: string;
  readonly up: SourceFile;
  /** Undefined if there is no down file. */
  readonly down: SourceFile | undefined;
}

/** A folder of migrations. */
export interface Folder {
  /** The path of the engine's folder. */
  readonly path: string;
  /** The migrations with a valid up file, in the order in which they run. */
  readonly migrations: readonly MigrationFiles[];
  /** The problems of the files. */
  readonly problems: readonly Problem[];
  /** The ids of all up files, including invalid ones. */
  readonly ids: readonly string[];
}

/** Whose files are read. The history is read only if the folder is missing. */
type FolderSource = Pick<
  MigrationTarget,
  "dialect" | "history" | "place"
>;

/**
 * Reads the files of an engine.
 *
 * @param missing whether a missing folder is an error, or counts as empty
 * @throws {MigrationError} with exit code 4 if the folder cannot be read
 */
export async function readFolder(
  target: FolderSource,
  directory: string = DIRECTORY,
  missing: "error" | "empty" = "error",
): Promise<Folder> {
  const { dialect } = target;
  const path = join(directory, dialect.folder);
  const names = await writtenNames(path, dialect.extension);
  if (names === undefined && missing === "error") {
    throw await missingFolderError(target, directory);
  }
  const { ids, problems } = sortNames(names ?? [], path, dialect.extension);
  const migrations: MigrationFiles[] = [];
  for (const [id, directions] of ids) {
    const read = async (
      direction: Direction,
    ): Promise<SourceFile | undefined> => {
      const file = join(path, `${id}.${direction}${dialect.extension}`);
      const source = await readSource(dialect, file);
      if ("script" in source) return source;
      problems.push({ ...source, id });
      return undefined;
    };
    const up = await read("up");
    const down = directions.has("down") ? await read("down") : undefined;
    if (up !== undefined) migrations.push({ id, up, down });
  }
  return { path, migrations, problems, ids: [...ids.keys()] };
}

/**
 * Reads the files of an engine.
 *
 * @throws {MigrationError} with exit code 4, naming all invalid files
 */
export async function readValidFolder(
  target: FolderSource,
  directory: string | undefined,
  missing: "error" | "empty" = "error",
): Promise<Folder> {
  const folder = await readFolder(target, directory, missing);
  assertNoProblems(folder.problems);
  return folder;
}

/** Returns the migrations that files belong to, and the problems of their names. */
function sortNames(
  names: readonly string[],
  path: string,
  extension: string,
): {
  readonly ids: ReadonlyMap<string, ReadonlySet<Direction>>;
  readonly problems: Problem[];
} {
  const ids = new Map<string, Set<Direction>>();
  const problems: Problem[] = [];
  const refuse = (name: string, problem: string): void => {
    const file = join(path, name);
    problems.push({
      exitCode: EXIT.invalid,
      kind: "file",
      file,
      problem: `${file} ${problem}`,
    });
  };
  for (const name of names) {
    const parts = fileName(name, extension);
    if (parts === undefined) {
      const time = invalidTime(name);
      refuse(
        name,
        time === undefined
          ? `is not the name of a migration; ${fileNameAdvice(name, extension)}`
          : `is not the name of a migration: ${time} is not a time such as 20260930T141502`,
      );
      continue;
    }
    const { id, direction } = parts;
    ids.set(id, (ids.get(id) ?? new Set()).add(direction));
  }
  const bySecond = new Map<string, string>();
  for (const [id, directions] of ids) {
    const other = bySecond.get(secondOf(id));
    bySecond.set(secondOf(id), id);
    if (other !== undefined) {
      refuse(
        `${id}.up${extension}`,
        `has the same time as ${other}, so their order is undefined; rename both files of one of them to another second`,
      );
    }
    if (!directions.has("up")) {
      ids.delete(id);
      refuse(
        `${id}.down${extension}`,
        `is a down migration without its up migration ${id}.up${extension}`,
      );
    }
  }
  return { ids, problems };
}

/** Attempts to list the files, while another process writes some of them. */
const ATTEMPTS = 80;
/** Milliseconds between two attempts. */
const PAUSE = 25;

/** Returns the {@link namesIn} a folder when no other process is between the two files of a migration. */
async function writtenNames(
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

async function readSource(
  dialect: MigrationDialect,
  path: string,
): Promise<SourceFile | Problem> {
  const refused = (problem: string): Problem => ({
    exitCode: EXIT.invalid,
    kind: "file",
    file: path,
    problem,
  });
  let bytes: Uint8Array;
  try {
    // Reading a pipe would wait forever.
    if (!(await stat(path)).isFile()) {
      return refused(`${path} is not a regular file`);
    }
    bytes = await readSmallFile(path);
  } catch (error) {
    if (error instanceof LimitError) return refused(error.message);
    return refused(`Cannot read ${path}: ${messageOf(error)}`);
  }
  const text = decoded(bytes);
  if (text === undefined) return refused(`${path} is not UTF-8`);
  try {
    return { path, text, script: dialect.parse(text, path) };
  } catch (error) {
    if (error instanceof MigrationError) return refused(error.message);
    throw error;
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    return undefined;
  }
}

/** Returns the code of a file system error: `ENOENT`. */
function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
