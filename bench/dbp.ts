import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(import.meta.resolve("../cli.ts"));
const CONFIG = fileURLToPath(import.meta.resolve("../deno.json"));
const POLL = 20;

/** Runs a `dbp` command in a folder, with the settings and migrations of the folder. */
export async function dbp(folder: string, command: string): Promise<void> {
  const { success, stderr } = await child(folder, command).output();
  if (!success) {
    throw new Error(`dbp ${command}: ${new TextDecoder().decode(stderr)}`);
  }
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
