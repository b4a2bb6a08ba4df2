import { dirname, join } from "node:path";
import meta from "../../deno.json" with { type: "json" };
import { cacheFolders, registryIn } from "../../tools/deno_cache.ts";
import { taskArguments } from "./cli.ts";
import type { Compiled } from "./compiled.ts";

/** The output and the exit code of a run. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs Deno. */
export async function deno(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    ...options,
    env: { NO_COLOR: "1", ...options.env },
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** The folder of the npm packages in a binary. */
export const PACKAGES = ".deno_compile_node_modules/localhost";

/** The parts of deno.lock about npm packages. */
interface Lock {
  readonly version: string;
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, object>>;
}

/**
 * Writes the embedded files into a folder and returns a function that runs them
 * there. Deno's cache and the lock file contain only the embedded packages.
 */
export async function extracted(
  compiled: Compiled,
  tree: string,
): Promise<(...args: readonly string[]) => Promise<Ran>> {
  for (const [path, data] of compiled.files) {
    await Deno.mkdir(join(tree, dirname(path)), { recursive: true });
    await Deno.writeFile(join(tree, path), data);
  }
  const cache = join(tree, "cache");
  await Deno.mkdir(join(cache, "npm"), { recursive: true });
  await Deno.rename(
    join(tree, PACKAGES),
    join(cache, "npm", await registryIn((await cacheFolders()).npmCache)),
  );
  const lock: Lock = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.lock", import.meta.url)),
  );
  const packages = packagesIn(compiled);
  const isEmbedded = (name: string): boolean =>
    packages.has(/^(?:npm:)?(@?[^@]+@[^_]+)/.exec(name)?.[1] ?? "");
  const embedded = (all: object): object =>
    Object.fromEntries(
      Object.entries(all).filter(([name]) => isEmbedded(name)),
    );
  const specifiers = embedded(lock.specifiers);
  const { imports, ...rest } = meta;
  const write = (name: string, content: object): Promise<void> =>
    Deno.writeTextFile(join(tree, name), JSON.stringify(content));
  await write("deno.lock", {
    version: lock.version,
    specifiers,
    npm: embedded(lock.npm),
    workspace: { dependencies: Object.keys(specifiers) },
  });
  await write("deno.json", {
    ...rest,
    nodeModulesDir: "none",
    imports: Object.fromEntries(
      Object.entries(imports).filter(([, target]) =>
        target.startsWith("./") || isEmbedded(target)
      ),
    ),
  });
  return (...args) =>
    deno([...taskArguments(tree).toSpliced(1, 0, "--cached-only"), ...args], {
      cwd: tree,
      env: { DENO_DIR: cache },
    });
}

/** The npm packages in a binary, as `name@version`. */
export function packagesIn({ files }: Compiled): ReadonlySet<string> {
  return new Set(
    [...files.keys()].filter((path) => path.startsWith(PACKAGES)).map((path) =>
      path.slice(PACKAGES.length + 1).replace(
        /^((?:@[^/]+\/)?[^/]+)\/([^/]+)\/.*$/,
        "$1@$2",
      )
    ),
  );
}
