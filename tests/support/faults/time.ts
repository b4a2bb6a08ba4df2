import { pause } from "../../../src/base/pause.ts";

/** The longest time of one run, whose calls and rows are kept in memory, in seconds. */
const LONGEST = 10;

/** The time of all runs of a kind, in seconds. `task nightly` sets more. */
const SECONDS = Number(Deno.env.get("DBP_TEST_FAULT_SECONDS") ?? 1);

/** The time of one run of writers under faults, in milliseconds. */
export const FAULT_TIME: number = 1_000 * Math.min(SECONDS, LONGEST);

/** How many runs of a kind there are. */
export const FAULT_RUNS: number = Math.ceil(SECONDS / LONGEST);

/** The seed of random faults. `task nightly` sets another one each day. */
export const FAULT_SEED: number = Number(
  Deno.env.get("DBP_TEST_SEED") ?? 20_261_130,
);

/** Causes a fault in the middle of a run. */
export async function inTheMiddle(fault: () => Promise<void>): Promise<void> {
  await pause(FAULT_TIME / 2);
  await fault();
  await pause(FAULT_TIME / 2);
}
