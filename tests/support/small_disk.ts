import { join } from "node:path";

/** A file system of limited size. */
export interface SmallDisk extends AsyncDisposable {
  /** Its folder. */
  readonly path: string;
  /** Fills it, except for some megabytes. */
  fill(rest: number): Promise<void>;
  /** Gives the filled space back. */
  free(): Promise<void>;
}

const MEGABYTE = new Uint8Array(1 << 20);

/** Mounts a file system in memory. Returns undefined if this process may not. */
export async function smallDisk(
  megabytes: number,
): Promise<SmallDisk | undefined> {
  const path = await Deno.makeTempDir({ prefix: "dbp-disk-" });
  const run = (program: string, ...args: string[]) =>
    new Deno.Command(program, { args, stderr: "null" }).output()
      .then(({ success }) => success, () => false);
  const size = `size=${megabytes}m,mode=755`;
  if (!await run("mount", "-t", "tmpfs", "-o", size, "tmpfs", path)) {
    await Deno.remove(path);
    return undefined;
  }
  const filler = join(path, "filler");
  return {
    path,
    async fill(rest) {
      using file = await Deno.create(filler);
      let size = 0;
      try {
        for (;;) {
          const written = await file.write(MEGABYTE);
          size += written;
          if (written < MEGABYTE.length) break;
        }
      } catch { /* it is full */ }
      await file.truncate(Math.max(0, size - rest * MEGABYTE.length));
    },
    free: () => Deno.remove(filler),
    async [Symbol.asyncDispose]() {
      await run("umount", "--lazy", path);
      await Deno.remove(path);
    },
  };
}
