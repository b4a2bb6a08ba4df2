import { delimiter, join } from "node:path";
import { clientConfig } from "./engines.ts";
import { serverOwner } from "./postgres_programs.ts";
import { freePort } from "./servers.ts";

/** A PgBouncer on the loopback interface, in front of the test server. */
export interface PgBouncer extends AsyncDisposable {
  /** The port. */
  readonly port: number;
}

/** Returns the path of the program `pgbouncer`, if it is installed. */
export const pgbouncer: string | undefined = await find();

async function find(): Promise<string | undefined> {
  // Debian installs it in a folder that is only on the PATH of root.
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  for (const folder of [...folders, "/usr/sbin"]) {
    const path = join(folder, "pgbouncer");
    const found = await Deno.stat(path).catch(() => undefined);
    if (folder !== "" && found?.isFile === true) return path;
  }
  return undefined;
}

/**
 * Starts PgBouncer with the given settings.
 *
 * @param program the path that {@link pgbouncer} returned
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
    // The user of PgBouncer may not have access to the folder of the tests.
    cwd: folder,
    stdout: "null",
    stderr: "piped",
    ...owner,
  }).spawn();
  const { ended } = await waitUntilUp(child);
  starting.defer(async () => {
    // SIGTERM ends it immediately, also with connected clients.
    child.kill("SIGTERM");
    await child.status;
    await ended;
  });
  const started = starting.move();
  return { port, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Waits until PgBouncer reports that it runs, and continues to read its log. */
async function waitUntilUp(
  child: Deno.ChildProcess,
): Promise<{ ended: Promise<void> }> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const log: string[] = [];
  const read = async (): Promise<void> => {
    for await (
      const text of child.stderr.pipeThrough(new TextDecoderStream())
    ) {
      log.push(text);
      if (text.includes("process up")) resolve();
    }
    reject(new Error(`pgbouncer ended: ${log.join("")}`));
  };
  const ended = read();
  ended.catch(reject);
  await promise;
  return { ended };
}
