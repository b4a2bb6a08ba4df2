// deno-lint-ignore-file no-console
// Makes the single binary `dbp`.
//   deno task compile [--output PATH]
//   DENORT_BIN=PATH deno task compile   with a run-time part that is there already
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import meta from "../deno.json" with { type: "json" };
import { namelessCache } from "./deno_cache.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Fixed in the binary. Paths would be those of this machine, so none is named. */
const PERMISSIONS = [
  "--no-prompt",
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-env",
  "--allow-sys",
];

/** What no import of cli.ts leads to: the commands, which it loads when they run, and the library, for settings to import. */
const INCLUDED = [
  "src/cli/run_command.ts",
  ...Object.values(meta.exports).filter((path) =>
    path !== meta.exports["./cli"]
  ),
  "migrations",
];

/** Why there is no binary, in words. */
class CompileError extends Error {}

/** Compiles into a folder of its own beside the output, and moves the binary when it is whole. */
async function compile(output: string): Promise<string> {
  const folder = await Deno.makeTempDir({
    dir: dirname(output),
    prefix: ".dbp-",
  }).catch((error) => {
    throw new CompileError(
      `Nothing can be written to ${dirname(output)}: ${error.message}`,
    );
  });
  try {
    await using cache = await namelessCache(ROOT);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "compile",
        ...PERMISSIONS,
        // Types are for `deno task ok` to check.
        "--no-check",
        // The packages that are used, whole, with the files that PGlite reads when it starts.
        ...["--node-modules-dir=none", "--exclude-unused-npm"],
        ...INCLUDED.flatMap((path) => ["--include", path]),
        ...["--output", join(folder, "dbp")],
        "cli.ts",
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1", DENO_DIR: cache.path, ...await denort() },
      stdout: "null",
      stderr: "piped",
    }).output();
    const [made] = await Array.fromAsync(Deno.readDir(folder));
    if (!success || made === undefined) {
      throw new CompileError(reason(new TextDecoder().decode(stderr)));
    }
    const path = made.name.endsWith(".exe") && !output.endsWith(".exe")
      ? `${output}.exe`
      : output;
    await Deno.rename(join(folder, made.name), path);
    return path;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The run-time part that the environment names. */
async function denort(): Promise<{ DENORT_BIN?: string }> {
  const given = Deno.env.get("DENORT_BIN");
  if (!given) return {};
  const path = resolve(given);
  const isFile = await Deno.stat(path).then((info) => info.isFile, () => false);
  if (!isFile) {
    throw new CompileError(`DENORT_BIN names ${path}, where there is no file`);
  }
  return { DENORT_BIN: path };
}

/** What Deno said, without its list of files; what to do where it is the run-time part that is missing. */
export function reason(said: string): string {
  const [, url] =
    /error sending request for url \((\S*denort\S*)\)/.exec(said) ?? [];
  if (url === undefined) {
    return said.slice(Math.max(0, said.search(/^error: /m)))
      .replace(/^error: /, "").replace(/\n+Stack backtrace:[\s\S]*$/, "")
      .trim();
  }
  return `The run-time part of a binary, denort ${Deno.version.deno}, is not on this machine and cannot be downloaded.
Either let this machine reach ${new URL(url).host} and run this again,
or bring ${url} here, unpack it, and set DENORT_BIN to the denort in it.`;
}

/** Where the binary goes, by the command line. */
function outputPath(): string {
  try {
    const { values } = parseArgs({
      options: { output: { type: "string", default: join(ROOT, "dbp") } },
    });
    return resolve(values.output);
  } catch (error) {
    console.error(`${String(error)}\nUsage: deno task compile [--output PATH]`);
    Deno.exit(64);
  }
}

if (import.meta.main) {
  try {
    const path = await compile(outputPath());
    const { size } = await Deno.stat(path);
    console.log(`Made ${path}, ${Math.round(size / 1e6)} MB`);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    console.error(`Cannot make dbp. ${error.message}`);
    Deno.exit(1);
  }
}
