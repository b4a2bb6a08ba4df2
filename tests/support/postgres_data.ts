import { createHmac, hash, pbkdf2Sync, randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  type Owner,
  postgres18,
  reachable,
  serverOwner,
} from "./postgres_programs.ts";

/** The superuser. */
export const POSTGRES_USER = "postgres";

/** An initialized data folder, and what it was made with. */
export interface PostgresData {
  readonly path: string;
  /** The folder of the programs, which the owner can reach. */
  readonly programs: string;
  /** The user that owns the data and runs the server. */
  readonly owner: Owner | undefined;
  /** The superuser's password. */
  readonly password: string;
}

/**
 * Initializes data below a folder.
 *
 * @param programs the folder of PostgreSQL (default: that of version 18 from npm)
 */
export async function initializePostgres(
  folder: string,
  programs: string = postgres18(),
): Promise<PostgresData> {
  const owner = await serverOwner();
  const native = await reachable(programs, folder, owner);
  const path = join(folder, "data");
  await Deno.mkdir(path, { mode: 0o700 });
  if (owner !== undefined) await Deno.chown(path, owner.uid, owner.gid);
  const password = crypto.randomUUID();
  const passwordFile = join(folder, "password");
  await Deno.writeTextFile(passwordFile, verifierOf(password));
  await succeeded(
    new Deno.Command(join(native, "bin", "initdb"), {
      args: [
        ...["-D", path, "-U", POSTGRES_USER, "--pwfile", passwordFile],
        ...["--auth=scram-sha-256", "--locale=C", "--encoding=UTF8"],
        "--no-sync",
      ],
      cwd: folder,
      stdout: "null",
      stderr: "piped",
      ...owner,
    }),
  );
  return { path, programs: native, owner, password };
}

/** Copies data into a folder. */
export async function copiedPostgres(
  data: PostgresData,
  folder: string,
): Promise<PostgresData> {
  const path = join(folder, "data");
  await succeeded(
    new Deno.Command("cp", {
      args: ["-Rp", data.path, path],
      stdout: "null",
      stderr: "piped",
    }),
  );
  return { ...data, path };
}

/** The variable that tells the tests which data they copy. */
const VARIABLE = "DBP_TEST_POSTGRES_DATA";

/** Lets servers that start later, also in child processes with these variables, copy the data. */
export function offer(data: PostgresData): Record<string, string> {
  const text = JSON.stringify(data);
  Deno.env.set(VARIABLE, text);
  return { [VARIABLE]: text };
}

/** The data that the test command offers, if any. */
export function offered(): PostgresData | undefined {
  const text = Deno.env.get(VARIABLE);
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * What PostgreSQL stores for a password. One iteration instead of 4096 saves
 * each client of the tests a millisecond.
 */
function verifierOf(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, 1, 32, "sha256");
  const keyed = (text: string): Buffer =>
    createHmac("sha256", salted).update(text).digest();
  const stored = hash("sha256", keyed("Client Key"), "base64");
  return `SCRAM-SHA-256$1:${salt.toString("base64")}$${stored}:${
    keyed("Server Key").toString("base64")
  }`;
}

async function succeeded(command: Deno.Command): Promise<void> {
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
