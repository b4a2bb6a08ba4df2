import { MigrationError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { join } from "node:path";

/** A migrations folder of a test's own. */
export interface TestFolder extends AsyncDisposable {
  /** What options call `directory`. */
  readonly directory: string;
  /** Writes files of an engine's folder: the end of a name, after the day, to what it holds. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Removes files. */
  remove(...names: readonly string[]): Promise<void>;
  /** The names in the engine's folder, hidden ones too. */
  names(): Promise<string[]>;
  /** What a file holds. */
  read(name: string): Promise<string>;
}

/** Migrations of the tests of runs, in their order. */
export const STAR = "20260930T120000_star";
/** The second. */
export const MOON = "20260930T120001_moon";
/** The third. */
export const SUN = "20260930T120002_sun";

/**
 * Makes one.
 *
 * @param engine the folder of the engine; `memory`
 */
export async function testFolder(engine = "memory"): Promise<TestFolder> {
  const directory = await Deno.makeTempDir({ prefix: "dbp-migrations-" });
  const folder = join(directory, engine);
  await Deno.mkdir(folder);
  return {
    directory,
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        await Deno.writeTextFile(join(folder, name), text);
      }
    },
    async remove(...names) {
      for (const name of names) await Deno.remove(join(folder, name));
    },
    async names() {
      const entries = await Array.fromAsync(Deno.readDir(folder));
      return entries.map(({ name }) => name).sort();
    },
    read: (name) => Deno.readTextFile(join(folder, name)),
    async [Symbol.asyncDispose]() {
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** One with files in it, as `write` takes them. */
export async function folderOf(
  files: Readonly<Record<string, string>>,
  engine?: string,
): Promise<TestFolder> {
  const folder = await testFolder(engine);
  await folder.write(files);
  return folder;
}

/** For `assert.rejects`: a migration error with this exit code, whose message has all these parts. */
export function fails(
  exitCode: number,
  ...parts: readonly RegExp[]
): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof MigrationError, String(error));
    for (const part of parts) assert.match(error.message, part);
    assert.equal(error.exitCode, exitCode, error.message);
    return true;
  };
}
