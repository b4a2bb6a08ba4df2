import { delimiter, join } from "node:path";
import { clientConfig } from "./engines.ts";
import { freePort, serverOwner } from "./servers.ts";

/** A PgBouncer on loopback before the server of the run. */
export interface PgBouncer extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
}

/** The program, where Debian's package `pgbouncer` or another has put one. */
export const pgbouncer: string | undefined = await find();

async function find(): Promise<string | undefined> {
  // Debian puts it where only root's PATH leads.
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  for (const folder of [...folders, "/usr/sbin"]) {
    const path = join(folder, "pgbouncer");
    const found = await Deno.stat(path).catch(() => undefined);
    if (folder !== "" && found?.isFile === true) return path;
  }
  return undefined;
}

/**
 * Starts one with these settings.
 *
 * @param program as {@link pgbouncer} found it
 */
export async function startPgBouncer(
  program: string,
  settings: Readonly<Record<string, string | number>>,
): Promise<PgBouncer> {
  await using starting = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "dbp-pgbouncer-" });
  starting.defer(() => Deno.remove(folder, { recursive: true }));
  const owner = await serverOwner();
  const port = freePort();
  const { host, port: target, user, password } = clientConfig();
  const lines = Object.entries({
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: join(folder, "users"),
    ...settings,
  }).map(([name, value]) => `${name} = ${value}`);
  const files = {
    users: `"${user}" "${password}"\n`,
    "pgbouncer.ini": [
      "[databases]",
      `* = host=${host} port=${target}`,
      "[pgbouncer]",
      ...lines,
      "",
    ].join("\n"),
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text, { mode: 0o600 });
  }
  if (owner !== undefined) {
    for (const path of ["", ...Object.keys(files)]) {
      await Deno.chown(join(folder, path), owner.uid, owner.gid);
    }
  }
  const child = new Deno.Command(program, {
    args: [join(folder, "pgbouncer.ini")],
    // Its user may not be let into the one that the tests are run in.
    cwd: folder,
    stdout: "null",
    stderr: "piped",
    ...owner,
  }).spawn();
  const { ended } = await up(child);
  starting.defer(async () => {
    // It ends at once, whoever is connected.
    child.kill("SIGTERM");
    await child.status;
    await ended;
  });
  const started = starting.move();
  return { port, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Until it says that it is there; what it says afterwards is read on. */
async function up(
  child: Deno.ChildProcess,
): Promise<{ ended: Promise<void> }> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const said: string[] = [];
  const read = async (): Promise<void> => {
    for await (
      const text of child.stderr.pipeThrough(new TextDecoderStream())
    ) {
      said.push(text);
      if (text.includes("process up")) resolve();
    }
    reject(new Error(`pgbouncer ended: ${said.join("")}`));
  };
  const ended = read();
  ended.catch(reject);
  await promise;
  return { ended };
}
