import { glob, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** The name of the standard input among files. */
export const STANDARD_INPUT = "-";
/** The file that a HATS catalog has, and the files of its rows; those of metadata begin with an underscore. */
const CATALOG = "hats.properties";
const CATALOG_ROWS = ["dataset", "**", "[!_]*.parquet"];

/**
 * Returns the files of paths, in order: those in a folder, without its subfolders
 * and hidden files, those with the rows of a HATS catalog, and those that a
 * pattern such as `*.csv` matches, by name.
 *
 * @param missing returns the error of a path that matches no file
 */
export async function findFiles(
  paths: readonly string[],
  missing: (path: string) => Error,
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = path === STANDARD_INPUT ? [path] : await filesOf(path);
    if (found.length === 0) throw missing(path);
    files.push(...found);
  }
  return [...new Set(files)];
}

/** Returns whether a path is one of these files, also by another name of it. */
export async function isAmong(
  path: string,
  files: readonly string[],
): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  for (const file of files) {
    if (file === STANDARD_INPUT) continue;
    const other = await stat(file).catch(() => undefined);
    if (other?.ino === found.ino && other.dev === found.dev) return true;
  }
  return false;
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    const entries = await readdir(path, { withFileTypes: true });
    if (entries.some(({ name }) => name === CATALOG)) {
      const rows = glob(join(...CATALOG_ROWS), { cwd: path });
      return (await Array.fromAsync(rows, (file) => join(path, file))).sort();
    }
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => join(path, name))
      .sort();
  }
  if (found !== undefined) return [path];
  const matches = /[*?[{]/.test(path) ? await Array.fromAsync(glob(path)) : [];
  return matches.sort();
}
