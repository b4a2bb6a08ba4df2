import { taskArguments } from "./cli.ts";

/** Whether there is `script` of util-linux, which makes terminals for programs. */
export const terminals: boolean = await new Deno.Command("script", {
  args: ["--version"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

/** Runs `dbp dropdb` at a terminal, does something when it asks, and gives what the terminal showed. */
export async function dropdbAtTerminal(
  path: string,
  act: (dbp: { type(keys: string): Promise<void>; pid: number }) => unknown,
): Promise<string> {
  const command = [Deno.execPath(), ...taskArguments(), "dropdb"]
    .concat("--settings_path", path).map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: [
      "--quiet",
      "--command",
      `stty cols 300; sh -c "echo pid=\\$\\$; exec ${command}"; echo exit=$?; stty -a`,
      "/dev/null",
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  const type = (keys: string): Promise<void> =>
    keyboard.write(new TextEncoder().encode(keys));
  let shown = "";
  let asked = false;
  for await (
    const text of child.stdout.pipeThrough(new TextDecoderStream())
  ) {
    shown += text;
    if (!asked && shown.includes("No")) {
      asked = true;
      const [, pid] = /pid=(\d+)/.exec(shown) ?? [];
      await act({ type, pid: Number(pid) });
    }
  }
  await child.status;
  return shown;
}
