import { join, resolve } from "node:path";
import {
  copiedPostgres,
  initializePostgres,
  offered,
  POSTGRES_USER,
  type PostgresData,
} from "./postgres_data.ts";
import { makeServerFolder } from "./server_folder.ts";
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

/**
 * Starts a PostgreSQL server of its own in a temporary folder, with these
 * settings and files in its data folder. Text is ordered by code point.
 *
 * @param programs its folder; the one of version 18 that comes from npm by default
 * @param dir the folder for its data (default: that of the run's servers)
 * @param env further variables of its environment
 */
export async function startPostgres(
  settings: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
  programs?: string,
  dir?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const folder = await makeServerFolder("dbp-postgres-", dir);
  await Deno.chmod(folder, 0o755);
  const existing = programs === undefined ? offered() : undefined;
  const data = existing === undefined
    ? await initializePostgres(folder, programs)
    : await copiedPostgres(existing, folder);
  for (const [name, text] of Object.entries(files)) {
    await writeOwned(join(data.path, name), text, data.owner);
  }
  return await serverOf({
    ...data,
    folder,
    data: data.path,
    settings,
    run: (program, args) =>
      new Deno.Command(resolve(data.programs, "bin", program), {
        args: [...args],
        cwd: folder,
        stdout: "null",
        stderr: "piped",
        env: { LC_ALL: "C", LC_MESSAGES: "C", ...env },
        ...data.owner,
      }),
  });
}

/** A server's folder, and how to run its programs. */
interface Installation extends Pick<PostgresData, "owner" | "password"> {
  readonly folder: string;
  readonly data: string;
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
      // Debian's build compiles the queries of catalogs, which takes longer than they do.
      ...["-c", "jit=off"],
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

/** A port that no server listens on: the system assigns it to nobody. */
export const CLOSED_PORT = 1;

/** Ports that systems give neither to clients nor to servers that ask for any port, so that a free one stays free. */
const [FIRST_PORT, LAST_PORT] = [15_000, 32_000];

/** A port of loopback that nobody listens on. */
export function freePort(): number {
  for (;;) {
    const port = FIRST_PORT +
      Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
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
