import { LockError } from "../../base/errors/mod.ts";
import { jittered, pause } from "../../base/pause.ts";
import { durationText } from "../../base/duration_text.ts";
import type { LockOptions } from "../../engine/migrations/mod.ts";
import { assertNotStopped } from "./stopped.ts";

/** The longest pause between two attempts, in milliseconds. */
const POLL = 300;
/** Milliseconds between two events of waiting. */
const REPORT = 1000;

/** How an engine acquires its migration lock. */
interface LockAttempt<Lock> {
  /** Acquires the lock; returns undefined if another process holds it. */
  tryAcquire(): Promise<Lock | undefined>;
  /** Describes the process that holds the lock. */
  holder(): Promise<LockHolder>;
  /** A sentence for the error when the wait ends. */
  readonly advice?: string;
  /** The longest pause between two attempts, in milliseconds; 300 by default. */
  readonly poll?: number | undefined;
}

/** The holder of a migration lock. */
interface LockHolder {
  /** Undefined if the process released the lock meanwhile. */
  readonly holder: string | undefined;
  /** Milliseconds until the lock expires without a renewal. */
  readonly endsIn?: number | undefined;
}

/**
 * Attempts to acquire the migration lock until it succeeds.
 *
 * @param place the database, for errors
 * @throws {LockError} naming the holder, after `wait` milliseconds
 * @throws {MigrationError} if the signal ends the wait
 */
export async function waitForLock<Lock>(
  place: string,
  { wait, signal, onEvent }: Pick<LockOptions, "wait" | "signal" | "onEvent">,
  { tryAcquire, holder, advice, poll = POLL }: LockAttempt<Lock>,
): Promise<Lock> {
  const began = performance.now();
  let reported = -Infinity;
  for (;;) {
    assertNotStopped(signal, place);
    const lock = await tryAcquire();
    if (lock !== undefined) {
      onEvent({ kind: "locked" });
      return lock;
    }
    const { holder: by, endsIn } = await holder();
    const milliseconds = Math.round(performance.now() - began);
    if (milliseconds >= wait) {
      throw new LockError(
        `Cannot migrate ${place}: another process ${
          by === undefined
            ? "held the migration lock until just now"
            : `holds the migration lock: ${by}`
        }. Waited ${durationText(milliseconds)}. ${
          advice === undefined ? "" : `${advice} `
        }Wait longer with --lock-wait, or stop that process`,
        { holder: by },
      );
    }
    if (milliseconds - reported >= REPORT) {
      reported = milliseconds;
      onEvent({
        kind: "waiting",
        holder: by ?? "another process",
        milliseconds,
        endsIn,
      });
    }
    await pause(jittered(Math.min(poll, wait - milliseconds + 1)), signal);
  }
}
