import { MigrationError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { join } from "node:path";

/** Returns an id that is some seconds later than now, and so later than the files that a test generates. */
export function soon(name: string, seconds: number): string {
  const time = new Date(Date.now() + seconds * 1000).toISOString();
  return `${time.slice(0, 19).replaceAll(/[-:]/g, "")}_${name}`;
}

/** A migrations folder of one test. */
export interface TestFolder extends AsyncDisposable {
  /** The option `directory`. */
  readonly directory: string;
  /** Writes files into the engine's folder: names to contents. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Removes files. */
  remove(...names: readonly string[]): Promise<void>;
  /** Returns the names in the engine's folder, hidden ones too. */
  names(): Promise<string[]>;
  /** Returns the contents of a file. */
  read(name: string): Promise<string>;
}

/** The first migration of the tests. */
export const STAR = "20260930T120000_star";
/** The second. */
export const MOON = "20260930T120001_moon";
/** The third. */
export const SUN = "20260930T120002_sun";

/**
 * Creates a migrations folder.
 *
 * @param engine the folder of the engine; `memory` by default
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

/** Creates a migrations folder with files. */
export async function folderOf(
  files: Readonly<Record<string, string>>,
  engine?: string,
): Promise<TestFolder> {
  const folder = await testFolder(engine);
  await folder.write(files);
  return folder;
}

/** Returns a check for `assert.rejects`: a migration error with this exit code and all these parts in its message. */
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
