/** How many times as many random rounds as usual a test runs. `task nightly` sets more than 1, and then tests try every case instead of some. */
export const ROUNDS: number = Number(Deno.env.get("DBP_TEST_ROUNDS") ?? 1);
