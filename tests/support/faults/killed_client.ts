import {
  type Connection,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { pause } from "../../../src/base/pause.ts";
import { ROOT } from "../program.ts";
import { FAULT_MODELS } from "./models.ts";
import { randomNumbers } from "../rounds.ts";

const random = randomNumbers();

/**
 * Runs a client until it is killed, a moment after it has printed some lines.
 * Returns its lines: the operations that the database acknowledged.
 *
 * @param program the file of the client, relative to `tests`
 * @param lines the number of lines before the kill
 */
export async function killedClient(
  program: string,
  lines: number,
  settings: object,
  run: number,
): Promise<string[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", `--config=${ROOT}deno.json`],
      ...["--node-modules-dir=manual", `${ROOT}tests/${program}`],
    ],
    env: { DBP_TEST_CHILD: JSON.stringify({ settings, run }) },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let out = "";
  let dying: Promise<void> | undefined;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    out += text;
    if (dying !== undefined || out.split("\n").length <= lines) continue;
    dying = pause(20 + random() * 60).then(() => child.kill("SIGKILL"));
  }
  await dying;
  await child.status;
  return out.split("\n").slice(0, -1);
}

/** Opens the connection of such a client. Returns it with the number of the run. */
export async function openInClient(): Promise<{ db: Connection; run: number }> {
  const { settings, run } = JSON.parse(Deno.env.get("DBP_TEST_CHILD") ?? "{}");
  return { db: await openFaults(settings), run };
}

/** Opens a connection with the models of the fault tests. */
export async function openFaults(
  settings: Record<string, unknown>,
): Promise<Connection> {
  const db: Connection = "DATABASE" in settings
    ? new MongoConnection({ models: FAULT_MODELS })
    : new SQLConnection({ models: FAULT_MODELS });
  await db.connect(settings);
  return db;
}
