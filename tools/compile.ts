// deno-lint-ignore-file no-console
// Compiles the single binary `dbp`.
//   deno task compile [--output PATH]
//   DENORT_BIN=PATH deno task compile   with an existing denort, the run-time part of binaries
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import meta from "../deno.json" with { type: "json" };
import { temporaryCache } from "./deno_cache.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The permissions of the binary, without paths: those would be paths of this machine. */
const PERMISSIONS = [
  "--no-prompt",
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-env",
  "--allow-sys",
];

/** Modules that cli.ts does not import statically: the commands, and the library for settings. */
const INCLUDED = [
  "src/cli/run_command.ts",
  ...Object.values(meta.exports).filter((path) =>
    path !== meta.exports["./cli"]
  ),
  "migrations",
];

/** An expected reason why compilation fails. */
class CompileError extends Error {}

/** Compiles into a temporary folder beside the output, and moves the complete binary. */
async function compile(output: string): Promise<string> {
  const folder = await Deno.makeTempDir({
    dir: dirname(output),
    prefix: ".dbp-",
  }).catch((error) => {
    throw new CompileError(
      `cannot write to ${dirname(output)}: ${error.message}`,
    );
  });
  try {
    await using cache = await temporaryCache(ROOT);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "compile",
        ...PERMISSIONS,
        // `deno task ok` checks types.
        "--no-check",
        // All files of the used packages, because PGlite reads some when it starts.
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
    const [binary] = await Array.fromAsync(Deno.readDir(folder));
    if (!success || binary === undefined) {
      throw new CompileError(problemText(new TextDecoder().decode(stderr)));
    }
    const path = binary.name.endsWith(".exe") && !output.endsWith(".exe")
      ? `${output}.exe`
      : output;
    await Deno.rename(join(folder, binary.name), path);
    return path;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The denort of the environment, if given. */
async function denort(): Promise<{ DENORT_BIN?: string }> {
  const denort = Deno.env.get("DENORT_BIN");
  if (!denort) return {};
  const path = resolve(denort);
  const isFile = await Deno.stat(path).then((info) => info.isFile, () => false);
  if (!isFile) {
    throw new CompileError(`the file of DENORT_BIN does not exist: ${path}`);
  }
  return { DENORT_BIN: path };
}

/** The error of Deno without its list of files, or what to do if denort is missing. */
export function problemText(output: string): string {
  const [, url] =
    /error sending request for url \((\S*denort\S*)\)/.exec(output) ?? [];
  if (url === undefined) {
    return output.slice(Math.max(0, output.search(/^error: /m)))
      .replace(/^error: /, "").replace(/\n+Stack backtrace:[\s\S]*$/, "")
      .trim();
  }
  return `denort ${Deno.version.deno}, the run-time part of binaries, is not on this machine and cannot be downloaded.
Either give this machine access to ${new URL(url).host} and run this again,
or download ${url} elsewhere, unpack it here, and set DENORT_BIN to its denort.`;
}

/** The path of the binary from the command line. */
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
    console.log(`Compiled ${path}, ${Math.round(size / 1e6)} MB`);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    console.error(`Cannot compile dbp: ${error.message}`);
    Deno.exit(1);
  }
}
