import type { Line } from "./harness.ts";
import { median } from "./harness.ts";
import { fileURLToPath } from "node:url";

const ROUNDS = 11;
const MOST = 100;

/** How long the command line takes to say how it is used. */
export async function start(): Promise<Line[]> {
  const cli = fileURLToPath(import.meta.resolve("../cli.ts"));
  const help: number[] = [];
  const nothing: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    help.push(await timed(["run", "--allow-all", cli, "--help"]));
    nothing.push(await timed(["eval", ""]));
  }
  const more = median(help.map((time, round) => time - (nothing[round] ?? 0)));
  return [{
    work: "`dbp --help`",
    ours: `${Math.round(median(help))} ms`,
    against: '`deno eval ""`',
    theirs: `${Math.round(median(nothing))} ms`,
    ratio: `${Math.round(more)} ms more`,
    least: `at most ${MOST} ms more`,
  }];
}

async function timed(args: string[]): Promise<number> {
  const begin = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), {
    args,
    stdout: "null",
  }).output();
  if (!success) throw new Error(`deno ${args.join(" ")} failed`);
  return performance.now() - begin;
}
