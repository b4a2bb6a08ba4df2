import fs from "node:fs";

/** The functions with which PGlite changes files and folders. */
const CHANGES = [
  ...["writeSync", "mkdirSync", "openSync", "renameSync"] as const,
  ...["ftruncateSync", "truncateSync", "unlinkSync", "rmdirSync"] as const,
] as const;

/**
 * Counts the changes that PGlite makes on the disk after this call.
 *
 * @param killAt kills this process before the change of this number, from 1
 * @returns a function that returns the number of changes
 */
export function countWrites(killAt?: number): () => number {
  let count = 0;
  for (const name of CHANGES) {
    const change: unknown = Reflect.get(fs, name);
    if (typeof change !== "function") {
      throw new Error(`node:fs has no function ${name}`);
    }
    Reflect.set(fs, name, (...args: unknown[]): unknown => {
      if (++count === killAt) Deno.kill(Deno.pid, "SIGKILL");
      return Reflect.apply(change, fs, args);
    });
  }
  return () => count;
}
