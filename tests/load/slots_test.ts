import assert from "node:assert/strict";
import { createSlots } from "../../src/load/slots.ts";

Deno.test("work waits for a free worker, and each worker does one piece at a time", async () => {
  let [created, running, most] = [0, 0, 0];
  const slots = createSlots(2, () => ++created);
  const ends: (() => void)[] = [];
  const work = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running--;
  };
  await slots.run(work);
  await slots.run(work);
  let hasBegun = false;
  const third = slots.run(work).then(() => hasBegun = true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(hasBegun, false);
  ends[0]?.();
  await third;
  for (const end of ends) end();
  await slots.finish();
  assert.deepEqual([created, most, running], [2, 2, 0]);
});

Deno.test("after work that failed no more begins, and its error is thrown", async () => {
  const slots = createSlots(1, () => 0);
  await slots.run(() => Promise.reject(new Error("the disk is full")));
  let hasBegun = false;
  const next = (): Promise<void> => {
    hasBegun = true;
    return Promise.resolve();
  };
  await assert.rejects(slots.run(next), /the disk is full/);
  await assert.rejects(slots.finish(), /the disk is full/);
  await slots.settle();
  assert.equal(hasBegun, false);
});
