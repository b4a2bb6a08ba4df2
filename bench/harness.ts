// deno-lint-ignore-file no-console
import { cpuUsage } from "node:process";

/** Work that this package and the bare driver do in turn. */
export interface Race {
  /** The name of the work. */
  readonly work: string;
  /** How the bare driver does it. */
  readonly against: string;
  /** Number of items in a round. */
  readonly count: number;
  /** The name of the items. */
  readonly unit: string;
  /** The required ratio of our rate to the rate of the bare driver. */
  readonly least: number;
  /** The greatest allowed ratio of this process's CPU time to that with the bare driver; not reported by default. */
  readonly mostCpu?: number;
  /** Number of measured rounds; 9 by default. */
  readonly rounds?: number;
  /** Restores the state that all rounds begin with; not timed. */
  setUp?(): Promise<void>;
  /** Restores the same state before each measurement; not timed. */
  before?(): Promise<void>;
  /** Returns the resulting state, which must be equal; not timed. */
  after?(): Promise<unknown>;
  /** Returns what must be equal of both results; not timed. The whole result by default. */
  compared?(result: unknown): unknown;
  /** Does the work with this package. Both must return equal values. */
  ours(): Promise<unknown>;
  /** Does the work with the bare driver. */
  bare(): Promise<unknown>;
}

/** A line of the report. */
export interface Line {
  readonly work: string;
  readonly ours: string;
  readonly against: string;
  readonly theirs: string;
  readonly ratio: string;
  readonly least: string;
  /** The ratio of the CPU time of this process, and its greatest allowed value. */
  readonly cpu?: string;
}

/** Unmeasured rounds, and measured rounds. */
const WARM_UP = 2;
const ROUNDS = Number(Deno.env.get("DBP_BENCH_ROUNDS") ?? 9);

/** Measures both in turn, ours first in every other round, and compares the medians. Prints the line at once; the table follows at the end of the group. */
export async function race(entry: Race): Promise<Line> {
  const times = { ours: [] as number[], bare: [] as number[] };
  const cpu = { ours: [] as number[], bare: [] as number[] };
  const rounds = Math.min(entry.rounds ?? ROUNDS, ROUNDS);
  await entry.setUp?.();
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const outcomes: unknown[] = [];
    for (
      const side of round % 2 === 0
        ? ["ours", "bare"] as const
        : ["bare", "ours"] as const
    ) {
      await entry.before?.();
      const startCpu = cpuTime();
      const start = performance.now();
      const result = await entry[side]();
      if (round >= WARM_UP) {
        times[side].push(performance.now() - start);
        cpu[side].push(cpuTime() - startCpu);
      }
      outcomes.push([
        entry.compared === undefined ? result : entry.compared(result),
        await entry.after?.(),
      ]);
    }
    const [left, right] = outcomes.map((outcome) => stable(outcome));
    if (left !== right) {
      throw new Error(
        `${entry.work}: the results differ: ${left} and ${right}`,
      );
    }
  }
  const rate = (side: "ours" | "bare"): number =>
    entry.count / median(times[side]) * 1000;
  const cpuRatio = medianRatio(cpu.ours, cpu.bare).toFixed(2);
  const line: Line = {
    work: entry.work,
    ours: `${rounded(rate("ours"))} ${entry.unit}/s`,
    against: entry.against,
    theirs: `${rounded(rate("bare"))} ${entry.unit}/s`,
    ratio: medianRatio(times.bare, times.ours).toFixed(2),
    least: `${entry.least}`,
    ...entry.mostCpu === undefined
      ? {}
      : { cpu: `${cpuRatio} (at most ${entry.mostCpu})` },
  };
  console.error(
    `${line.work}: ${line.ours}, ${line.theirs}, ${line.ratio}, client CPU ${cpuRatio}`,
  );
  return line;
}

/** Prints lines as a Markdown table. */
export function report(lines: readonly Line[]): void {
  const head: Line = {
    work: "work",
    ours: "this package",
    against: "compared with",
    theirs: "its rate",
    ratio: "ratio, median of pairs",
    least: "required",
    cpu: "client CPU, times that of the comparison",
  };
  const hasCpu = lines.some(({ cpu }) => cpu !== undefined);
  for (const [index, line] of [head, ...lines].entries()) {
    const { work, ours, against, theirs, ratio, least, cpu = "" } = line;
    const cells = [work, ours, against, theirs, ratio, least];
    if (hasCpu) cells.push(cpu);
    console.log(`| ${cells.join(" | ")} |`);
    if (index === 0) console.log(`| ${cells.map(() => "---").join(" | ")} |`);
  }
}

/** Returns the median of the ratios of two lists, pair by pair. */
function medianRatio(
  left: readonly number[],
  right: readonly number[],
): number {
  return median(left.map((value, index) => value / (right[index] ?? NaN)));
}

/** Returns the CPU time of this process, in microseconds. */
function cpuTime(): number {
  const { user, system } = cpuUsage();
  return user + system;
}

/** Returns the middle value. */
export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ??
    NaN;
}

function rounded(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function stable(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, inner) => typeof inner === "bigint" ? String(inner) : inner,
  ) ?? "undefined";
}
