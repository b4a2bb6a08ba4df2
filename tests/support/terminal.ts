import { taskArguments, withMigrations } from "./cli.ts";

/** Whether `script` of util-linux, which runs programs at a terminal, is installed. */
export const terminals: boolean = await new Deno.Command("script", {
  args: ["--version"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

/** Time limit of a program at a terminal, in milliseconds. */
const TIME_LIMIT = 120_000;

/** The terminal of a running `dbp`. */
export interface Terminal {
  /** Types keys. */
  type(keys: string): Promise<void>;
  /** The process id of `dbp`. */
  readonly pid: number;
}

/** An action, and the output that triggers it. */
export type Act = readonly [
  shown: string | RegExp,
  act: (terminal: Terminal) => unknown,
];

/**
 * Runs `dbp` at a terminal and returns its output, which ends with the exit code
 * as `exit=0` and the state of the terminal.
 *
 * @param acts run one after the other; each waits for output since the last
 */
export async function dbpAtTerminal(
  args: readonly string[],
  acts: readonly Act[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const command = [
    Deno.execPath(),
    ...taskArguments(),
    ...withMigrations(args),
  ].map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: [
      "--quiet",
      "--command",
      // Ctrl-C reaches the whole group: the shell ignores it, to print the exit code.
      `trap : INT; echo group=$$; stty cols 300 rows 50; sh -c "echo pid=\\$\\$; exec ${command}"; echo exit=$?; stty -a`,
      "/dev/null",
    ],
    env: { SHELL: "/bin/sh", ...env },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  const type = (keys: string): Promise<void> =>
    keyboard.write(new TextEncoder().encode(keys));
  let shown = "";
  let seen = 0;
  const pending = [...acts];
  // A program that waits for other keys would never end.
  const timeout = Promise.withResolvers<void>();
  let isTimedOut = false;
  const limit = setTimeout(() => {
    isTimedOut = true;
    kill(Number(/group=(\d+)/.exec(shown)?.[1]), child);
    timeout.resolve();
  }, TIME_LIMIT);
  for await (
    const text of child.stdout.pipeThrough(new TextDecoderStream())
  ) {
    shown += text;
    const [next] = pending;
    if (next === undefined || !matches(next[0], shown.slice(seen))) continue;
    pending.shift();
    seen = shown.length;
    const [, pid] = /pid=(\d+)/.exec(shown) ?? [];
    await Promise.race([next[1]({ type, pid: Number(pid) }), timeout.promise]);
    if (isTimedOut) break;
  }
  clearTimeout(limit);
  await keyboard.close().catch(() => {});
  await child.status;
  if (isTimedOut) {
    throw new Error(
      `dbp did not end within the time limit; ${
        pending.length === 0
          ? "all acts were done"
          : `waited for ${pending[0]?.[0]}`
      }; its output:\n${shown}`,
    );
  }
  return shown;
}

function matches(what: string | RegExp, shown: string): boolean {
  return typeof what === "string" ? shown.includes(what) : what.test(shown);
}

/** Kills every process of the terminal, which are one group, and the terminal. */
function kill(group: number, terminal: Deno.ChildProcess): void {
  const ends = [
    () => group > 1 && Deno.kill(-group, "SIGKILL"),
    () => terminal.kill("SIGKILL"),
  ];
  for (const end of ends) {
    try {
      end();
    } catch (error) {
      // The process has already ended.
      if (
        !(error instanceof Deno.errors.NotFound) &&
        !(error instanceof TypeError)
      ) throw error;
    }
  }
}
