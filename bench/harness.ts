// deno-lint-ignore-file no-console
/** Two ways to do the same work, timed in turn. */
export interface Race {
  /** The work. */
  readonly work: string;
  /** The bare way. */
  readonly against: string;
  /** How many things one round does. */
  readonly count: number;
  /** What they are. */
  readonly unit: string;
  /** The ratio to reach, ours over the bare way's rate. */
  readonly least: number;
  /** Rounds that are counted; 9 where not given. */
  readonly rounds?: number;
  /** Makes both ways start from the same state; not timed. */
  before?(): Promise<void>;
  /** What a way leaves behind, in which both must agree; not timed. */
  after?(): Promise<unknown>;
  /** Our way; gives what the bare way must give too. */
  ours(): Promise<unknown>;
  /** The bare way. */
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
}

/** Rounds that are not counted, and rounds that are; fewer for a quick look. */
const WARM_UP = 2;
const ROUNDS = Number(Deno.env.get("DBP_BENCH_ROUNDS") ?? 9);

/** Runs both ways in turn, ours first in every other round, and compares medians. Both must have the same outcome. A group's table comes at its end; each line is told at once. */
export async function race(entry: Race): Promise<Line> {
  const times = { ours: [] as number[], bare: [] as number[] };
  const rounds = Math.min(entry.rounds ?? ROUNDS, ROUNDS);
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const outcomes: unknown[] = [];
    for (
      const way of round % 2 === 0
        ? ["ours", "bare"] as const
        : ["bare", "ours"] as const
    ) {
      await entry.before?.();
      const start = performance.now();
      const outcome = await entry[way]();
      if (round >= WARM_UP) times[way].push(performance.now() - start);
      outcomes.push([outcome, await entry.after?.()]);
    }
    const [left, right] = outcomes.map((outcome) => stable(outcome));
    if (left !== right) {
      throw new Error(
        `${entry.work}: the two ways differ: ${left} and ${right}`,
      );
    }
  }
  const rate = (way: "ours" | "bare"): number =>
    entry.count / median(times[way]) * 1000;
  const ratios = times.ours.map((ours, round) =>
    (times.bare[round] ?? ours) / ours
  );
  const line: Line = {
    work: entry.work,
    ours: `${whole(rate("ours"))} ${entry.unit}/s`,
    against: entry.against,
    theirs: `${whole(rate("bare"))} ${entry.unit}/s`,
    ratio: median(ratios).toFixed(2),
    least: `${entry.least}`,
  };
  console.error(`${line.work}: ${line.ours}, ${line.theirs}, ${line.ratio}`);
  return line;
}

/** Prints lines as a Markdown table. */
export function report(lines: readonly Line[]): void {
  const head: Line = {
    work: "work",
    ours: "here",
    against: "against",
    theirs: "there",
    ratio: "ratio, median of pairs",
    least: "at least",
  };
  for (const [place, line] of [head, ...lines].entries()) {
    console.log(
      `| ${line.work} | ${line.ours} | ${line.against} | ${line.theirs} | ${line.ratio} | ${line.least} |`,
    );
    if (place === 0) console.log("| --- | --- | --- | --- | --- | --- |");
  }
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ??
    NaN;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function stable(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, inner) => typeof inner === "bigint" ? String(inner) : inner,
  ) ?? "undefined";
}
