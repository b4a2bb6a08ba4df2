/** How many times as many random rounds as usual a test runs. `task nightly` sets more than 1, and then tests try every case instead of some. */
export const ROUNDS: number = Number(Deno.env.get("DBP_TEST_ROUNDS") ?? 1);

/** The seed of random input, and of the places where tests kill. `DBP_TEST_SEED` sets another one; `task nightly` sets the date. */
export const SEED: number = Number(
  Deno.env.get("DBP_TEST_SEED") ?? 20_180_601,
);

/** Returns a source of random numbers from 0 to 1, the same with the same seed. */
export function randomNumbers(): () => number {
  let state = SEED >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
