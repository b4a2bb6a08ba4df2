import { fileURLToPath } from "node:url";

/** The folder of the checkout. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** The output and the exit code of a program. */
interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Arguments of a program that opens a PGlite in memory: it copies the template of the run. */
export const WITH_TEMPLATE: readonly string[] = [
  `--preload=${ROOT}tests/support/preload_template.ts`,
];

/** Runs a program of this package in a separate process. */
export async function program(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Finished> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", `--config=${ROOT}deno.json`, ...args],
    ...options,
    env: { NO_COLOR: "1", ...options.env },
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}
