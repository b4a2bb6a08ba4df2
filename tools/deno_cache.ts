import { join } from "node:path";

/**
 * A cache of Deno's with the npm packages of deno.lock, in a folder whose name
 * tells nothing. What Deno notes of a package while it compiles has the
 * cache's path in it, which is below the home of whoever compiles.
 */
export async function namelessCache(
  root: string,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const { denoDir, npmCache } = await places();
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
    // The run-time part of binaries is downloaded to here, once and for all.
    const downloads = join(denoDir, "dl");
    await Deno.mkdir(downloads, { recursive: true });
    await Deno.symlink(downloads, join(path, "dl"), { type: "junction" });
    return cache;
  } catch (error) {
    await cache[Symbol.asyncDispose]();
    throw error;
  }
}

/** The folder of the packages in a cache of npm packages, which is named after where they came from. */
export async function registryIn(npmCache: string): Promise<string> {
  for await (const { name, isDirectory } of Deno.readDir(npmCache)) {
    if (isDirectory && name.includes(".") && !name.startsWith(".")) return name;
  }
  throw new Error(`There are no npm packages in ${npmCache}`);
}

/** Where Deno keeps what it fetches. */
export async function places(): Promise<{ denoDir: string; npmCache: string }> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The folders of the lock file's packages, as `name/version`. */
async function packages(root: string): Promise<string[]> {
  const { npm }: { npm: Record<string, unknown> } = JSON.parse(
    await Deno.readTextFile(join(root, "deno.lock")),
  );
  return Object.keys(npm).map((name) =>
    name.replace(/^(@?[^@]+)@([^_]+).*$/, "$1/$2")
  );
}

/** Links the files of a folder, or copies them where the other is on another disk; passes over one that is not there. */
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
