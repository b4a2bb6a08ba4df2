import { median } from "../harness.ts";
import { type Child, type Program, start, timeOfFirstQuery } from "./child.ts";
import type { Answer, Setting } from "./peer.ts";
import type { Line } from "./results.ts";
import type { Server } from "./server.ts";
import { type Entry, number } from "./works.ts";

/** How long to measure. */
export interface Effort {
  /** Measured pairs, at most. */
  readonly pairs: number;
  /** Milliseconds after which no further pair starts. */
  readonly budget: number;
}

/** What a line needs beside the name of the peer and the engine. */
export type Measured = Omit<Line, "engine" | "peer">;

/** Both programs of a comparison. */
export interface Sides<T> {
  readonly ours: T;
  readonly theirs: T;
}

const SIDES = ["ours", "theirs"] as const;

/** Does a work with both in turn. The first, unmeasured pair compares the results. */
export async function measureWork(
  { work, name, count, unit, state, writes }: Entry,
  children: Sides<Child>,
  server: Server,
  effort: Effort,
): Promise<Measured> {
  const begin = performance.now();
  const run = async (
    side: "ours" | "theirs",
    digest: boolean,
  ): Promise<Answer & { stored?: string }> => {
    if (writes) await server.restore(state);
    const answer = await children[side].ask({ work, count, digest });
    if (answer.error !== undefined) throw new Error(`${side}: ${answer.error}`);
    return digest && writes
      ? { ...answer, stored: await server.fingerprint() }
      : answer;
  };
  const first = {
    ours: await run("ours", true),
    theirs: await run("theirs", true),
  };
  const losesDigits = compare(first);
  const times = { ours: [] as number[], theirs: [] as number[] };
  for (let pair = 0; pair < effort.pairs; pair++) {
    if (performance.now() - begin > effort.budget) break;
    for (const side of pair % 2 === 0 ? SIDES : SIDES.toReversed()) {
      times[side].push((await run(side, false)).ms);
    }
  }
  // The first pair is the measurement if it took all the time.
  if (times.ours.length === 0) {
    times.ours.push(first.ours.ms);
    times.theirs.push(first.theirs.ms);
  }
  const rate = (side: "ours" | "theirs"): number =>
    count / median(times[side]) * 1000;
  return {
    work: name,
    unit: `${unit}/s`,
    ours: rate("ours"),
    theirs: rate("theirs"),
    ratio: ratio(times),
    pairs: times.ours.length,
    ...(losesDigits ? { losesDigits } : {}),
  };
}

/** Streams rows in processes of their own, and returns the rate and the peak memory. */
export async function measureStream(
  rows: number,
  programs: Sides<Program>,
  setting: Setting,
  effort: Effort,
): Promise<Measured[]> {
  const begin = performance.now();
  const times = { ours: [] as number[], theirs: [] as number[] };
  const memory = { ours: [] as number[], theirs: [] as number[] };
  for (let pair = 0; pair < effort.pairs; pair++) {
    if (pair > 0 && performance.now() - begin > effort.budget) break;
    for (const side of pair % 2 === 0 ? SIDES : SIDES.toReversed()) {
      await using child = start(programs[side], setting);
      const answer = await child.ask({
        work: "stream",
        count: rows,
        digest: false,
      });
      if (answer.error !== undefined) {
        throw new Error(`${side}: ${answer.error}`);
      }
      if (answer.outcome !== rows) {
        throw new Error(`${side} read ${answer.outcome} of ${rows} rows`);
      }
      times[side].push(answer.ms);
      if (answer.megabytes !== undefined) memory[side].push(answer.megabytes);
    }
  }
  const pairs = times.ours.length;
  const work = `\`stream\`, ${number(rows)} rows`;
  const lines: Measured[] = [{
    work,
    unit: "rows/s",
    ours: rows / median(times.ours) * 1000,
    theirs: rows / median(times.theirs) * 1000,
    ratio: ratio(times),
    pairs,
  }];
  if (memory.ours.length > 0) {
    lines.push({
      work: `${work}: peak memory`,
      unit: "MB",
      ours: median(memory.ours),
      theirs: median(memory.theirs),
      ratio: ratio(memory),
      pairs,
    });
  }
  return lines;
}

/** Starts processes that find one row, and returns the time from start to end. */
export async function measureStart(
  programs: Sides<Program>,
  setting: Setting,
  key: { candid: bigint; oid: string },
  effort: Effort,
): Promise<Measured> {
  const times = { ours: [] as number[], theirs: [] as number[] };
  for (const side of SIDES) {
    await timeOfFirstQuery(programs[side], setting, key);
  }
  for (let pair = 0; pair < effort.pairs; pair++) {
    for (const side of pair % 2 === 0 ? SIDES : SIDES.toReversed()) {
      times[side].push(await timeOfFirstQuery(programs[side], setting, key));
    }
  }
  return {
    work: "start of a program and its first `findOne`",
    unit: "ms",
    ours: median(times.ours),
    theirs: median(times.theirs),
    ratio: ratio(times),
    pairs: effort.pairs,
  };
}

function ratio(values: Sides<readonly number[]>): number {
  return median(
    values.theirs.map((value, pair) => value / (values.ours[pair] ?? value)),
  );
}

/** Throws if the results differ; returns whether only 64-bit identifiers differ. */
function compare(
  { ours, theirs }: Sides<Answer & { readonly stored?: string }>,
): boolean {
  for (const name of ["outcome", "stored", "digestWithoutIds"] as const) {
    if (ours[name] !== theirs[name]) {
      throw new Error(
        `the results differ in ${name}: ${ours[name]} and ${theirs[name]}`,
      );
    }
  }
  return ours.digest !== theirs.digest;
}
