import { taskArguments, withMigrations } from "./cli.ts";

/** Whether there is `script` of util-linux, which makes terminals for programs. */
export const terminals: boolean = await new Deno.Command("script", {
  args: ["--version"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

/** Milliseconds that a program may take at a terminal. */
const PATIENCE = 60_000;

/** A person at a terminal where `dbp` runs. */
export interface Terminal {
  /** Presses keys. */
  type(keys: string): Promise<void>;
  /** The process that `dbp` is. */
  readonly pid: number;
}

/** What a person does once the terminal shows something. */
export type Act = readonly [
  shown: string,
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
      `stty cols 300 rows 50; sh -c "echo pid=\\$\\$; exec ${command}"; echo exit=$?; stty -a`,
      "/dev/null",
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  const type = (keys: string): Promise<void> =>
    keyboard.write(new TextEncoder().encode(keys));
  // What waits for keys that never come would wait for ever.
  const limit = setTimeout(() => child.kill("SIGHUP"), PATIENCE);
  let shown = "";
  let seen = 0;
  const left = [...acts];
  for await (
    const text of child.stdout.pipeThrough(new TextDecoderStream())
  ) {
    shown += text;
    const [next] = left;
    const at = next === undefined ? -1 : shown.indexOf(next[0], seen);
    if (next === undefined || at < 0) continue;
    left.shift();
    seen = shown.length;
    const [, pid] = /pid=(\d+)/.exec(shown) ?? [];
    await next[1]({ type, pid: Number(pid) });
  }
  clearTimeout(limit);
  await child.status;
  return shown;
}
