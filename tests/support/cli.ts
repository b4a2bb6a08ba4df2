import assert from "node:assert/strict";
import { dirname, extname, join } from "node:path";
import { ROOT } from "./program.ts";
import meta from "../../deno.json" with { type: "json" };
import { main } from "../../cli.ts";

/** A password that no output may hold. */
export const SECRET = "hunter2-s3cret";

/** What a run of `dbp` printed, and its exit code. */
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

/** Runs `deno task dbp` as a process of its own, with the task's permissions and nobody at a terminal. */
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

/** Commands that know of migrations. */
const KNOWING = [
  "initdb",
  ...["make_migrations", "make-migrations", "migrate", "rollback", "stamp"],
  ...["status", "history", "check", "drift", "sql"],
];

/** Puts the folder of migrations beside the settings, where a test names none: never into this checkout. */
export function withMigrations(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => /^--settings[_-]path(=|$)/.test(arg));
  const path = /=(.*)$/.exec(args[at] ?? "")?.[1] ?? args[at + 1] ?? "";
  const isNamed = args.some((arg) => arg.startsWith("--migrations"));
  if (at < 0 || isNamed || !KNOWING.includes(args[0] ?? "")) return args;
  const folder = extname(path) === "" ? path : dirname(path);
  return [...args, "--migrations", join(folder, "migrations")];
}

/** The arguments that `deno task dbp` gives to Deno, in this checkout or another folder that holds the program. */
export function taskArguments(root: string = ROOT): string[] {
  const [, words = ""] = / deno (run .*)$/.exec(meta.tasks.dbp.command) ?? [];
  return words.split(" ").map((word) =>
    word.replace(/^"\$HERE\/(.*)"$/, (_, file: string) => join(root, file))
  );
}

/** A settings file in a folder of its own: JSON from an object, TypeScript from a text. */
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

/** What holds for every run: no password and no stack trace. */
function checked(ran: Ran): Ran {
  const all = ran.out + ran.err;
  const secrets = [SECRET, Deno.env.get("DBP_TEST_POSTGRES_PASSWORD")];
  for (const secret of secrets) {
    assert.ok(secret === undefined || !all.includes(secret), "a password");
  }
  assert.doesNotMatch(ran.err, /^ {4}at /m);
  return ran;
}
