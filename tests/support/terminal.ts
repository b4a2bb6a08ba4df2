import { taskArguments, withMigrations } from "./cli.ts";

/** Whether there is `script` of util-linux, which makes terminals for programs. */
export const terminals: boolean = await new Deno.Command("script", {
  args: ["--version"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

/** Milliseconds that a program may take at a terminal. */
const PATIENCE = 120_000;

/** A person at a terminal where `dbp` runs. */
export interface Terminal {
  /** Presses keys. */
  type(keys: string): Promise<void>;
  /** The process that `dbp` is. */
  readonly pid: number;
}

/** What a person does once the terminal shows something. */
export type Act = readonly [
  shown: string | RegExp,
  act: (terminal: Terminal) => unknown,
];

/**
 * Runs `dbp` at a terminal and gives what that showed, the exit code as
 * `exit=0` and the terminal's state at the end.
 *
 * @param acts one after the other, each looking at what came since the last
 */
export async function dbpAtTerminal(
  args: readonly string[],
  acts: readonly Act[] = [],
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
      // Ctrl-C reaches the whole group: the shell stays, to tell how `dbp` ended.
      `trap : INT; echo group=$$; stty cols 300 rows 50; sh -c "echo pid=\\$\\$; exec ${command}"; echo exit=$?; stty -a`,
      "/dev/null",
    ],
    env: { SHELL: "/bin/sh" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  const type = (keys: string): Promise<void> =>
    keyboard.write(new TextEncoder().encode(keys));
  let shown = "";
  let seen = 0;
  const left = [...acts];
  // What waits for keys that never come would wait for ever.
  const late = Promise.withResolvers<void>();
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    kill(Number(/group=(\d+)/.exec(shown)?.[1]), child);
    late.resolve();
  }, PATIENCE);
  for await (
    const text of child.stdout.pipeThrough(new TextDecoderStream())
  ) {
    shown += text;
    const [next] = left;
    if (next === undefined || !isThere(next[0], shown.slice(seen))) continue;
    left.shift();
    seen = shown.length;
    const [, pid] = /pid=(\d+)/.exec(shown) ?? [];
    await Promise.race([next[1]({ type, pid: Number(pid) }), late.promise]);
    if (isLate) break;
  }
  clearTimeout(limit);
  await child.status;
  if (isLate) {
    throw new Error(
      `dbp had no end at the terminal; ${
        left.length === 0 ? "all was done" : `awaited was ${left[0]?.[0]}`
      }; it showed:\n${shown}`,
    );
  }
  return shown;
}

function isThere(what: string | RegExp, shown: string): boolean {
  return typeof what === "string" ? shown.includes(what) : what.test(shown);
}

/** Ends everything at the terminal, which is one group, and the terminal. */
function kill(group: number, terminal: Deno.ChildProcess): void {
  const ends = [
    () => group > 1 && Deno.kill(-group, "SIGKILL"),
    () => terminal.kill("SIGKILL"),
  ];
  for (const end of ends) {
    try {
      end();
    } catch (error) {
      // It has ended meanwhile.
      if (
        !(error instanceof Deno.errors.NotFound) &&
        !(error instanceof TypeError)
      ) throw error;
    }
  }
}
