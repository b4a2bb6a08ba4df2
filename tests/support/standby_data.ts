import { join } from "node:path";
import pg from "pg";
import type { Owner } from "./postgres_programs.ts";
import { makeServerFolder } from "./server_folder.ts";

/** A running server, and how to run programs as its owner. */
interface Primary {
  readonly data: string;
  readonly port: number;
  readonly owner: Owner | undefined;
  /** The superuser's password. */
  readonly password: string;
  readonly run: (program: string, args: readonly string[]) => Deno.Command;
}

/** Copies the data of a running server for a standby that streams from it. */
export async function standbyData(
  { data, port, owner, password, run }: Primary,
): Promise<{ folder: string; data: string }> {
  const folder = await makeServerFolder("dbp-standby-");
  await Deno.chmod(folder, 0o777);
  const copy = join(folder, "data");
  const user = "postgres";
  const login = { host: "127.0.0.1", port, user, password };
  const client = new pg.Client({ ...login, database: "postgres" });
  await client.connect();
  try {
    await client.query("select pg_backup_start('standby', true)");
    const { success, stderr } = await run("/bin/cp", ["-Rp", data, copy])
      .output();
    if (!success) throw new Error(`cp: ${new TextDecoder().decode(stderr)}`);
    const { rows: [backup] } = await client.query(
      "select labelfile from pg_backup_stop(false)",
    );
    await writeOwned(join(copy, "backup_label"), backup.labelfile, owner);
  } finally {
    await client.end();
  }
  await Deno.remove(join(copy, "postmaster.pid"));
  await writeOwned(join(copy, "standby.signal"), "", owner);
  await writeOwned(
    join(copy, "postgresql.auto.conf"),
    `primary_conninfo = 'host=127.0.0.1 port=${port} user=${user} password=${password} application_name=standby'\n`,
    owner,
  );
  return { folder, data: copy };
}

/** Writes a file that only a user can read. */
export async function writeOwned(
  path: string,
  text: string,
  owner: Owner | undefined,
): Promise<void> {
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  if (owner !== undefined) await Deno.chown(path, owner.uid, owner.gid);
}
