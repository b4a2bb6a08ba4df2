import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Line } from "./harness.ts";
import type { ServerSettings } from "./settings.ts";

const CLI = fileURLToPath(import.meta.resolve("../cli.ts"));
const CONFIG = fileURLToPath(import.meta.resolve("../deno.json"));
const POLL = 20;
/** The greatest allowed memory of a load or an export, in megabytes. */
const MEMORY = 400;

/** Writes the settings of the benchmark's tables into a folder. */
export async function writeSettings(
  folder: string,
  settings: ServerSettings,
): Promise<void> {
  const tables = fileURLToPath(import.meta.resolve("./tables.ts"));
  await Deno.writeTextFile(
    join(folder, "settings.ts"),
    `import { BENCH_MODELS } from ${JSON.stringify(tables)};
export const MODELS = BENCH_MODELS;
export const DB_CONFIG = { SQL: ${JSON.stringify(settings)} };
`,
  );
}

/** Runs a `dbp` command in a folder, with the settings and migrations of the folder. */
export async function dbp(folder: string, command: string): Promise<void> {
  await outputOf(folder, command);
}

/** Runs a `dbp` command with `--json` and returns the number of rows in its report. */
export async function rowsOfDbp(
  folder: string,
  command: string,
): Promise<number> {
  return JSON.parse(await outputOf(folder, `${command} --json`)).rows;
}

async function outputOf(folder: string, command: string): Promise<string> {
  const { success, stdout, stderr } = await child(folder, command).output();
  if (!success) {
    throw new Error(`dbp ${command}: ${new TextDecoder().decode(stderr)}`);
  }
  return new TextDecoder().decode(stdout);
}

/** Runs a `dbp` command and returns its peak memory; NaN on systems other than Linux. */
export async function memoryOf(
  folder: string,
  command: string,
): Promise<{ megabytes: number }> {
  const process = child(folder, command).spawn();
  let kilobytes = NaN;
  let running = true;
  const watch = async (): Promise<void> => {
    while (running) {
      try {
        const status = await Deno.readTextFile(`/proc/${process.pid}/status`);
        const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
        if (peak !== undefined) kilobytes = Number(peak);
      } catch { /* The process has ended, or the system is not Linux. */ }
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  };
  const watching = watch();
  const { success, stderr } = await process.output();
  running = false;
  await watching;
  if (!success) {
    throw new Error(`dbp ${command}: ${new TextDecoder().decode(stderr)}`);
  }
  return { megabytes: kilobytes / 1000 };
}

/** Returns the line of the peak memory of a `dbp` command. */
export async function memoryLine(
  work: string,
  folder: string,
  command: string,
): Promise<Line> {
  const { megabytes } = await memoryOf(folder, command);
  return {
    work,
    ours: `${Math.round(megabytes)} MB`,
    against: "limit",
    theirs: `${MEMORY} MB`,
    ratio: (MEMORY / megabytes).toFixed(2),
    least: "1",
  };
}

function child(folder: string, command: string): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--config",
      CONFIG,
      CLI,
      ...command.split(" "),
    ],
    cwd: folder,
    stdout: "piped",
    stderr: "piped",
  });
}
