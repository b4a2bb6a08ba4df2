// Writers on several connections while faults come, and the check afterwards.
import { type DatabaseConnection, DbPluginsError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { startHistory } from "./history.ts";
import { Pair, type Rows, statesOf } from "./models.ts";
import { pause } from "../../../src/base/pause.ts";
import { until } from "../waiting.ts";
import { type Promises, write } from "./writers.ts";

/** A database under faults. */
export interface Target {
  readonly promises: Promises;
  /** Connects as users do, through the faults. */
  connect(): Promise<DatabaseConnection>;
  /** Reads every row at the server. */
  rows(): Promise<Rows>;
  /** Returns transactions, temporary tables, locks and cursors that are open although no call runs. */
  open(): Promise<readonly string[]>;
  /** Returns what is still open after every connection was closed. */
  left(): Promise<readonly string[]>;
}

/** How to disturb a run. */
interface Disturbance {
  readonly seed: number;
  /** The number of connections (default: 3). */
  readonly connections?: number;
  /** Runs while the writers write. They end when it ends. */
  during(): Promise<void>;
  /** Ends every fault. */
  heal(): Promise<void>;
  /** Describes the faults, for the message of a failed check. */
  faults(): readonly string[];
  /** The longest time of a call, in milliseconds. */
  readonly limit: number;
}

/** Writers per connection. */
const LANES = 2;
/** Applied writes without which a run shows little. A busy machine takes longer for them. */
const ENOUGH = 6;
/** Milliseconds until calls must succeed after the last fault. */
const RECOVERY = 60_000;

/** The number of calls of a run, by their outcome. */
export type Counts = Readonly<Record<string, number>>;

/**
 * Runs writers while faults come. Then ends the faults, closes the connections,
 * and compares the database with the result of every call.
 */
export async function underFaults(
  target: Target,
  { seed, connections = 3, during, heal, faults, limit }: Disturbance,
): Promise<Counts> {
  const history = startHistory();
  const dbs = await Promise.all(
    Array.from({ length: connections }, () => eventually(target.connect)),
  );
  const ending = new AbortController();
  const writers = dbs.flatMap((db, index) =>
    Array.from({ length: LANES }, (_, lane) =>
      write(db, history, {
        seed,
        lane: index * LANES + lane,
        promises: target.promises,
        signal: ending.signal,
      }))
  );
  try {
    await during();
    await until(
      `${ENOUGH} writes that are applied`,
      () =>
        history.writes.filter(({ outcome }) => outcome === "applied").length >=
          ENOUGH,
    );
  } finally {
    ending.abort();
    await Promise.all(writers);
    await heal();
  }
  const report = (problems: readonly string[]): string =>
    `seed ${seed}:\n${problems.join("\n")}\nafter ${
      faults().slice(-20).join(", ")
    }`;
  const later: string[] = [];
  for (const [index, db] of dbs.entries()) {
    await eventually(() =>
      db.query(Pair).getOrCreate({
        filterBy: { id: BigInt(-1 - index) },
        op: "",
      })
    ).catch((error) =>
      later.push(`calls fail ${RECOVERY} ms after the last fault: ${error}`)
    );
  }
  const open = await settled(target.open);
  await Promise.all(dbs.map((db) => db.close()));
  const left = await settled(target.left);
  const rows = await target.rows();
  const problems = [
    ...history.check(statesOf({
      ...rows,
      pair: rows.pair.filter(({ id }) => id >= 0n),
    })),
    ...later,
    ...open.map((what) => `open although no call runs: ${what}`),
    ...left.map((what) => `left after close: ${what}`),
  ];
  const { name, ms } = history.longest();
  if (ms > limit) problems.push(`${name} took ${Math.round(ms)} ms`);
  assert.equal(problems.length, 0, report(problems));
  const counts: Record<string, number> = {};
  for (const { outcome } of history.writes) {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** Repeats a call until it succeeds. Throws its error if it does not succeed in time. */
async function eventually<T>(call: () => Promise<T>): Promise<T> {
  const started = performance.now();
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isLate = performance.now() - started > RECOVERY;
      if (isLate || !(error instanceof DbPluginsError)) throw error;
    }
    await pause(50);
  }
}

/** Asks until nothing is left, or the server had enough time to notice that its clients are gone. */
async function settled(
  ask: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const started = performance.now();
  for (;;) {
    const found = await ask();
    if (found.length === 0 || performance.now() - started > RECOVERY) {
      return found;
    }
    await pause(50);
  }
}
