import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Program } from "./child.ts";
import type { Server } from "./server.ts";

/** A peer of this package. */
export interface PeerEntry {
  readonly name: string;
  readonly engine: Server["engine"];
  /** The package with its pinned version. */
  readonly package: string;
  /** The program; throws with the reason if it cannot run here. */
  prepare(): Promise<Program>;
}

const path = (relative: string): string =>
  fileURLToPath(import.meta.resolve(relative));
const CONFIG = path("./deno.json");
const ROOT_CONFIG = path("../../deno.json");
const REQUIREMENTS = path("./python/requirements.txt");
const INSTALL_LIMIT = 300_000;

/** The process with this package. */
export const OURS: Program = {
  command: Deno.execPath(),
  args: ["run", "--allow-all", "--config", ROOT_CONFIG, path("./ours.ts")],
};

/** Every peer, in the order of the columns. */
export const PEERS: readonly PeerEntry[] = [
  npmPeer("Drizzle", "PostgreSQL", "drizzle-orm", "drizzle"),
  npmPeer("Kysely", "PostgreSQL", "kysely", "kysely"),
  npmPeer("Prisma", "PostgreSQL", "@prisma/client", "prisma", generatePrisma),
  npmPeer("MikroORM", "PostgreSQL", "@mikro-orm/postgresql", "mikro_orm"),
  npmPeer("TypeORM", "PostgreSQL", "typeorm", "typeorm"),
  pythonPeer("asyncpg", "asyncpg_peer.py"),
  pythonPeer("psycopg", "psycopg_peer.py"),
  npmPeer("Mongoose", "MongoDB", "mongoose", "mongoose"),
];

/** Returns the package and the pinned version of each peer. */
export async function pinnedVersions(
  peers: readonly PeerEntry[],
): Promise<Record<string, string>> {
  const pins = await Deno.readTextFile(CONFIG) +
    await Deno.readTextFile(REQUIREMENTS);
  return Object.fromEntries(peers.map((peer) => {
    const pin = new RegExp(`(?:npm:|^)${peer.package}[@=]=?([\\w.-]+)`, "m");
    return [peer.name, `${peer.package} ${pin.exec(pins)?.[1]}`];
  }));
}

/** Returns the version of Python, or undefined if it is missing. */
export async function pythonVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("python3", {
      args: ["--version"],
    }).output();
    return new TextDecoder().decode(stdout).trim().replace("Python ", "");
  } catch {
    return undefined;
  }
}

function npmPeer(
  name: string,
  engine: Server["engine"],
  packageName: string,
  file: string,
  generate?: () => Promise<void>,
): PeerEntry {
  return {
    name,
    engine,
    package: packageName,
    async prepare() {
      // Loads the packages, so that the first start is like the others.
      await output([Deno.execPath(), "install", "--config", CONFIG]);
      await generate?.();
      const program = path(`./npm/${file}.ts`);
      return {
        command: Deno.execPath(),
        args: ["run", "--allow-all", "--config", CONFIG, program],
      };
    },
  };
}

/** Generates Prisma's client. */
async function generatePrisma(): Promise<void> {
  const { imports } = JSON.parse(await Deno.readTextFile(CONFIG));
  await output(
    [
      ...[Deno.execPath(), "run", "--allow-all", "--config", CONFIG],
      ...[imports.prisma, "generate"],
      ...["--config", path("./npm/prisma.config.ts")],
    ],
    // Prisma downloads its engine for schemas, which a client does not use, unless a path names one.
    { PRISMA_SCHEMA_ENGINE_BINARY: Deno.execPath() },
  );
}

function pythonPeer(name: string, file: string): PeerEntry {
  return {
    name,
    engine: "PostgreSQL",
    package: name,
    prepare: async () => ({
      command: await python(),
      args: [path(`./python/${file}`)],
    }),
  };
}

/** Creates a virtual environment with the pinned packages, once, and returns its Python. */
async function python(): Promise<string> {
  const hash = createHash("sha256")
    .update(await Deno.readTextFile(REQUIREMENTS)).digest("hex").slice(0, 12);
  const folder = join(cacheFolder(), `peers-python-${hash}`);
  const program = join(
    folder,
    ...(Deno.build.os === "windows"
      ? ["Scripts", "python.exe"]
      : ["bin", "python"]),
  );
  const done = join(folder, "installed");
  if (await Deno.stat(done).then(() => true, () => false)) return program;
  await output(["python3", "-m", "venv", "--clear", folder]);
  await output([
    ...[program, "-m", "pip", "install", "--quiet", "--no-deps"],
    ...["--only-binary", ":all:", "--requirement", REQUIREMENTS],
  ]);
  await Deno.writeTextFile(done, "");
  return program;
}

function cacheFolder(): string {
  for (const base of [Deno.env.get("XDG_CACHE_HOME"), homeCache()]) {
    if (base !== undefined && isAbsolute(base)) return join(base, "dbp");
  }
  return join(tmpdir(), "dbp");
}

function homeCache(): string | undefined {
  const home = Deno.env.get("HOME");
  return home === undefined ? undefined : join(home, ".cache");
}

/** Runs a command and throws with its error if it fails. */
async function output(
  [command = "", ...args]: readonly string[],
  env: Record<string, string> = {},
): Promise<void> {
  const { success, stdout, stderr } = await spawned(command, args, env);
  if (success) return;
  const lines = new TextDecoder().decode(stdout).split("\n").concat(
    new TextDecoder().decode(stderr).trim().split("\n"),
  );
  const reason = lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
  throw new Error(`${basename(command)} ${args[0]}: ${reason}`);
}

async function spawned(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command(command, {
      args: [...args],
      env: { NO_COLOR: "1", ...env },
      signal: AbortSignal.timeout(INSTALL_LIMIT),
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`${command} is missing`);
  }
}
