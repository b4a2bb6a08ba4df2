import fs from "node:fs";

/** What PGlite changes files and folders with. */
const CHANGES = [
  ...["writeSync", "mkdirSync", "openSync", "renameSync"] as const,
  ...["ftruncateSync", "truncateSync", "unlinkSync", "rmdirSync"] as const,
] as const;

/**
 * Counts the changes that PGlite makes on the disk from now on.
 *
 * @param killAt the one before which this process kills itself, from 1
 * @returns how many there were
 */
export function countWrites(killAt?: number): () => number {
  let count = 0;
  for (const name of CHANGES) {
    const change: unknown = Reflect.get(fs, name);
    if (typeof change !== "function") throw new Error(`There is no ${name}`);
    Reflect.set(fs, name, (...args: unknown[]): unknown => {
      if (++count === killAt) Deno.kill(Deno.pid, "SIGKILL");
      return Reflect.apply(change, fs, args);
    });
  }
  return () => count;
}
