import type { Answer, Request, Setting } from "./peer.ts";

/** How to start the process of a peer. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** A running process that answers requests. */
export interface Child extends AsyncDisposable {
  /** Sends a request and waits for its answer. */
  ask(request: Request): Promise<Answer>;
}

/** Characters of errors to show. */
const SHOWN = 600;

/** Starts the process of a peer. */
export function start(program: Program, setting: Setting): Child {
  const child = command(program, [], setting, "piped").spawn();
  const errors = new Response(child.stderr).text();
  const writer = child.stdin.getWriter();
  const lines = answers(child.stdout);
  return {
    async ask(request) {
      await writer.write(
        new TextEncoder().encode(`${JSON.stringify(request)}\n`),
      );
      const { value, done } = await lines.next();
      if (done) {
        throw new Error(`the process ended: ${lastLines(await errors)}`);
      }
      return value;
    },
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {});
      await child.status;
      await errors;
    },
  };
}

/** Starts a process that finds one row, and returns the milliseconds until it ends. */
export async function timeOfFirstQuery(
  program: Program,
  setting: Setting,
  key: { candid: bigint; oid: string },
): Promise<number> {
  const args = ["first", String(key.candid), key.oid];
  const begin = performance.now();
  const { success, stdout, stderr } = await command(
    program,
    args,
    setting,
    "null",
  ).output();
  const ms = performance.now() - begin;
  const text = new TextDecoder().decode(stdout);
  if (!success || !text.includes(`1}`)) {
    throw new Error(
      `did not find its first row: ${
        lastLines(text + new TextDecoder().decode(stderr))
      }`,
    );
  }
  return ms;
}

function command(
  { command, args }: Program,
  more: readonly string[],
  setting: Setting,
  stdin: "piped" | "null",
): Deno.Command {
  return new Deno.Command(command, {
    args: [...args, ...more],
    env: { PEER_SETTING: JSON.stringify(setting), NO_COLOR: "1" },
    stdin,
    stdout: "piped",
    stderr: "piped",
  });
}

async function* answers(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Answer, void> {
  let rest = "";
  for await (const text of output.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    // A library may print lines of its own.
    for (const line of lines) if (line.startsWith("{")) yield JSON.parse(line);
  }
}

function lastLines(text: string): string {
  return text.trim().slice(-SHOWN);
}
