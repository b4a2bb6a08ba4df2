import type { Line } from "./harness.ts";
import { median } from "./harness.ts";
import { fileURLToPath } from "node:url";

const ROUNDS = 11;
const MOST = 100;

/** Measures how long `dbp --help` takes. */
export async function start(): Promise<Line[]> {
  const cli = fileURLToPath(import.meta.resolve("../cli.ts"));
  const help: number[] = [];
  const empty: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    help.push(await timed(["run", "--allow-all", cli, "--help"]));
    empty.push(await timed(["eval", ""]));
  }
  const more = median(help.map((time, round) => time - (empty[round] ?? 0)));
  return [{
    work: "`dbp --help`",
    ours: `${Math.round(median(help))} ms`,
    against: '`deno eval ""`',
    theirs: `${Math.round(median(empty))} ms`,
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
