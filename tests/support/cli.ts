import assert from "node:assert/strict";
import { dirname, extname, join } from "node:path";
import { ROOT } from "./program.ts";
import meta from "../../deno.json" with { type: "json" };
import { main } from "../../cli.ts";

/** A password that must not appear in any output. */
export const SECRET = "hunter2-s3cret";

/** The output and the exit code of a run of `dbp`. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process. */
export async function dbp(...args: readonly string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(withMigrations(args), {
    out: (text) => out.push(`${text}\n`),
    err: (text) => err.push(`${text}\n`),
  });
  return checked({ code, out: out.join(""), err: err.join("") });
}

/** Runs `deno task dbp` in a separate process, with the permissions of the task and without a terminal. */
export async function dbpProcess(
  args: readonly string[],
  { cwd, env }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...taskArguments(), ...withMigrations(args)],
    stdin: "null",
    env: { NO_COLOR: "1", ...env },
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
  const text = new TextDecoder();
  return checked({ code, out: text.decode(stdout), err: text.decode(stderr) });
}

/** The commands that have the option --migrations. */
const MIGRATION_COMMANDS = [
  "initdb",
  ...["make_migrations", "make-migrations", "migrate", "rollback", "stamp"],
  ...["status", "history", "check", "drift", "sql"],
];

/** Adds --migrations with a folder beside the settings, unless given, to keep files out of this checkout. */
export function withMigrations(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => /^--settings[_-]path(=|$)/.test(arg));
  const path = /=(.*)$/.exec(args[at] ?? "")?.[1] ?? args[at + 1] ?? "";
  const isNamed = args.some((arg) => arg.startsWith("--migrations"));
  if (at < 0 || isNamed || !MIGRATION_COMMANDS.includes(args[0] ?? "")) {
    return args;
  }
  const folder = extname(path) === "" ? path : dirname(path);
  return [...args, "--migrations", join(folder, "migrations")];
}

/** The arguments that `deno task dbp` passes to Deno, for this checkout or another folder of the program. */
export function taskArguments(root: string = ROOT): string[] {
  const [, words = ""] = / deno (run .*)$/.exec(meta.tasks.dbp.command) ?? [];
  return words.split(" ").map((word) =>
    word.replace(/^"\$HERE\/(.*)"$/, (_, file: string) => join(root, file))
  );
}

/** Writes a settings file into a temporary folder: JSON from an object, TypeScript from a text. */
export async function settingsFile(
  settings: object | string,
): Promise<{ folder: string; path: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "dbp-cli-" });
  const path = join(
    folder,
    typeof settings === "string" ? "settings.ts" : "settings.json",
  );
  await Deno.writeTextFile(
    path,
    typeof settings === "string" ? settings : JSON.stringify(settings),
  );
  return {
    folder,
    path,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Asserts that the output has no password and no stack trace. */
function checked(ran: Ran): Ran {
  const all = ran.out + ran.err;
  const secrets = [SECRET, Deno.env.get("DBP_TEST_POSTGRES_PASSWORD")];
  for (const secret of secrets) {
    assert.ok(
      secret === undefined || !all.includes(secret),
      "the output contains a password",
    );
  }
  assert.doesNotMatch(ran.err, /^ {4}at /m);
  return ran;
}
