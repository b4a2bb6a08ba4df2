import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  Direction,
  MigrationDialect,
  MigrationTarget,
  Script,
} from "../../engine/migrations/mod.ts";
import {
  fileName,
  nearestFileName,
  secondOf,
  wrongSecond,
} from "./file_name.ts";
import { noFolder } from "./missing_folder.ts";
import type { Problem } from "../report/reports.ts";
import { assertNone } from "../report/problem.ts";
import { DIRECTORY } from "../report/options.ts";

/** One file, read. */
export interface SourceFile {
  /** Its path, as messages name it. */
  readonly path: string;
  readonly text: string;
  readonly script: Script;
}

/** The files of one migration. */
export interface MigrationFiles {
  readonly id: string;
  readonly up: SourceFile;
  /** Undefined where there is no way back. */
  readonly down: SourceFile | undefined;
}

/** A folder of migrations. */
export interface Folder {
  /** Its path: that of the migrations folder with the engine's. */
  readonly path: string;
  /** In the order in which they run. */
  readonly migrations: readonly MigrationFiles[];
  /** What is wrong with its files; a migration whose file forwards is wrong is not among the others. */
  readonly problems: readonly Problem[];
  /** All that have a file forwards, be it wrong. */
  readonly ids: readonly string[];
}

/** Whose files are read. The history is looked at only where the folder is not there. */
export type FilesOf = Pick<MigrationTarget, "dialect" | "history" | "place">;

/**
 * Reads the files of an engine.
 *
 * @param missing what to do where the folder is not there: `empty` takes it as one without files
 * @throws {MigrationError} with exit code 4 where the folder cannot be read
 */
export async function readFolder(
  target: FilesOf,
  directory: string = DIRECTORY,
  missing: "error" | "empty" = "error",
): Promise<Folder> {
  const { dialect } = target;
  const path = join(directory, dialect.folder);
  const names = await namesIn(path, dialect.extension);
  if (names === undefined && missing === "error") {
    throw await noFolder(target, directory);
  }
  const { ids, problems } = sorted(names ?? [], path, dialect.extension);
  const migrations: MigrationFiles[] = [];
  for (const [id, directions] of ids) {
    const read = async (way: Direction): Promise<SourceFile | undefined> => {
      const file = join(path, `${id}.${way}${dialect.extension}`);
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
 * Reads the files of an engine, all of which must be right.
 *
 * @throws {MigrationError} with exit code 4, naming all that are wrong
 */
export async function readGoodFolder(
  target: FilesOf,
  directory: string | undefined,
  missing: "error" | "empty" = "error",
): Promise<Folder> {
  const folder = await readFolder(target, directory, missing);
  assertNone(folder.problems);
  return folder;
}

/** Names become migrations, and what is wrong with them. */
function sorted(
  names: readonly string[],
  path: string,
  extension: string,
): {
  readonly ids: ReadonlyMap<string, ReadonlySet<Direction>>;
  readonly problems: Problem[];
} {
  const ids = new Map<string, Set<Direction>>();
  const problems: Problem[] = [];
  const wrong = (name: string, problem: string): void => {
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
      const second = wrongSecond(name);
      wrong(
        name,
        second === undefined
          ? `is not named as a migration is; did you mean ${
            nearestFileName(name, extension)
          }?`
          : `is not named as a migration is: ${second} is no time, as 20260930T141502 is`,
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
      wrong(
        `${id}.up${extension}`,
        `has the time of ${other}: two migrations of one second have no order; give one of them, and its way back, another second`,
      );
    }
    if (!directions.has("up")) {
      ids.delete(id);
      wrong(
        `${id}.down${extension}`,
        `is a way back without a way there: ${id}.up${extension} is missing`,
      );
    }
  }
  return { ids, problems };
}

/** What could be a migration, in order; undefined where there is no folder. */
async function namesIn(
  path: string,
  extension: string,
): Promise<string[] | undefined> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .filter((name) => !name.startsWith(".") && isMeant(name, extension))
      .sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new MigrationError(
      `Cannot read the migrations in ${path}: ${messageOf(error)}`,
      { exitCode: EXIT.invalid, cause: error },
    );
  }
}

/** Notes and the like may lie beside; a file for this engine, or with a time, is a migration or wrong. */
function isMeant(name: string, extension: string): boolean {
  return name.toLowerCase().endsWith(extension) || /^\d{8}/.test(name);
}

async function readSource(
  dialect: MigrationDialect,
  path: string,
): Promise<SourceFile | Problem> {
  const wrong = (problem: string): Problem => ({
    exitCode: EXIT.invalid,
    kind: "file",
    file: path,
    problem,
  });
  let bytes: Uint8Array;
  try {
    // A pipe would be waited for without end.
    if (!(await stat(path)).isFile()) return wrong(`${path} is no file`);
    bytes = await readFile(path);
  } catch (error) {
    return wrong(`Cannot read ${path}: ${messageOf(error)}`);
  }
  const text = decoded(bytes);
  if (text === undefined) return wrong(`${path} is not UTF-8`);
  try {
    return { path, text, script: dialect.parse(text, path) };
  } catch (error) {
    if (error instanceof MigrationError) return wrong(error.message);
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

/** The code that the runtime gives an error: `ENOENT`. */
function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
