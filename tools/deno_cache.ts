import { join } from "node:path";

/**
 * Creates a Deno cache with the npm packages of deno.lock, in a temporary
 * folder. Deno writes the path of the cache into a compiled binary, and the path
 * of the usual cache contains the user's home folder.
 */
export async function temporaryCache(
  root: string,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const { denoDir, npmCache } = await cacheFolders();
  const path = await Deno.makeTempDir({ prefix: "dbp-" });
  const cache = {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
  try {
    const registry = await registryIn(npmCache);
    for (const name of await packages(root)) {
      await link(
        join(npmCache, registry, name),
        join(path, "npm", registry, name),
      );
    }
    // Deno downloads denort, the run-time part of binaries, into this folder once.
    const downloads = join(denoDir, "dl");
    await Deno.mkdir(downloads, { recursive: true });
    await Deno.symlink(downloads, join(path, "dl"), { type: "junction" });
    return cache;
  } catch (error) {
    await cache[Symbol.asyncDispose]();
    throw error;
  }
}

/** Returns the folder of the packages in an npm cache, which has the name of their registry. */
export async function registryIn(npmCache: string): Promise<string> {
  for await (const { name, isDirectory } of Deno.readDir(npmCache)) {
    if (isDirectory && name.includes(".") && !name.startsWith(".")) return name;
  }
  throw new Error(`Cannot find npm packages in ${npmCache}`);
}

/** Returns the folders of Deno's caches. */
export async function cacheFolders(): Promise<
  { denoDir: string; npmCache: string }
> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Returns the folders of the packages in the lock file, as `name/version`. */
async function packages(root: string): Promise<string[]> {
  const { npm }: { npm: Record<string, unknown> } = JSON.parse(
    await Deno.readTextFile(join(root, "deno.lock")),
  );
  return Object.keys(npm).map((name) =>
    name.replace(/^(@?[^@]+)@([^_]+).*$/, "$1/$2")
  );
}

/** Links the files of a folder, or copies them to another disk. Ignores a missing folder. */
async function link(from: string, to: string): Promise<void> {
  let entries: Deno.DirEntry[];
  try {
    entries = await Array.fromAsync(Deno.readDir(from));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  await Deno.mkdir(to, { recursive: true });
  for (const { name, isDirectory } of entries) {
    const [source, target] = [join(from, name), join(to, name)];
    if (isDirectory) await link(source, target);
    else {
      await Deno.link(source, target).catch(() =>
        Deno.copyFile(source, target)
      );
    }
  }
}
