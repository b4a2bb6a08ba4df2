import assert from "node:assert/strict";
import { backoff, retry } from "../../src/base/retry.ts";

/** Work that fails a number of times, then returns the number of its attempt. */
function failing(times: number): (attempt: number) => Promise<number> {
  return (attempt) =>
    attempt <= times
      ? Promise.reject(new Error(`attempt ${attempt}`))
      : Promise.resolve(attempt);
}

Deno.test("work is retried until it succeeds, and onRetry is called between two attempts", async () => {
  const retried: number[] = [];
  const result = await retry(failing(2), {
    attempts: 5,
    isRetryable: () => true,
    onRetry: (_error, attempt) => retried.push(attempt),
  });
  assert.equal(result, 3);
  assert.deepEqual(retried, [1, 2]);
});

Deno.test("the error of the last attempt is thrown", async () => {
  const result = retry(failing(9), { attempts: 3, isRetryable: () => true });
  await assert.rejects(result, /^Error: attempt 3$/);
});

Deno.test("an error that is not retryable is thrown at once", async () => {
  const result = retry(failing(9), { attempts: 3, isRetryable: () => false });
  await assert.rejects(result, /^Error: attempt 1$/);
});

Deno.test("isRetryable also sees the last error and may throw another", async () => {
  const result = retry(failing(9), {
    attempts: 2,
    isRetryable(_error, attempt) {
      if (attempt === 2) throw new Error("gave up");
      return true;
    },
  });
  await assert.rejects(result, /^Error: gave up$/);
});

Deno.test("an aborted signal ends the wait before the next attempt", async () => {
  const result = await retry(failing(1), {
    attempts: 2,
    isRetryable: () => true,
    wait: () => 60_000,
    signal: AbortSignal.timeout(1),
  });
  assert.equal(result, 2);
});

Deno.test("a backoff doubles up to the longest wait, with jitter", () => {
  const wait = backoff(100, 300);
  const cases = [[1, 100], [2, 200], [3, 300], [9, 300]] as const;
  for (const [attempt, longest] of cases) {
    const waited = wait(attempt);
    assert(waited <= longest && waited >= longest / 2, `${attempt}: ${waited}`);
  }
});
