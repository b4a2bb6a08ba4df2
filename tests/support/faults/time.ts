/** The time of one run of writers under faults, in milliseconds. `task nightly` sets more. */
export const FAULT_TIME: number = 1_000 *
  Number(Deno.env.get("DBP_TEST_FAULT_SECONDS") ?? 1);

/** The seed of random faults. `task nightly` sets another one each day. */
export const FAULT_SEED: number = Number(
  Deno.env.get("DBP_TEST_SEED") ?? 20_261_130,
);

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
