import { join } from "node:path";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  Direction,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import {
  fileName,
  fileNameAdvice,
  invalidTime,
  secondOf,
} from "./file_name.ts";
import { missingFolderError } from "./missing_folder.ts";
import type { Problem } from "../report/reports.ts";
import { assertNoProblems } from "../report/problem.ts";
import { DIRECTORY } from "../report/options.ts";
import { readSource, type SourceFile } from "./source_file.ts";
import { writtenNames } from "./written_names.ts";

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
