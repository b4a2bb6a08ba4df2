import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where Debian's package libfaketime keeps the library; undefined if it is not installed. */
export const FAKETIME: string | undefined = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
].find((path) => existsSync(path));

/** A clock for processes, which a test sets while they run. */
export interface FakeClock extends AsyncDisposable {
  /** The environment of a process with this clock. */
  readonly env: Readonly<Record<string, string>>;
  /** Sets the clock to an offset from the true time: `+400d`, `-3600`. */
  set(offset: string): Promise<void>;
}

/** The environment of a process whose clock differs from the true time. Durations stay true. */
export function clockEnvironment(
  setting: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    LD_PRELOAD: FAKETIME ?? "",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_NO_CACHE: "1",
    ...setting,
  };
}

/** Creates a clock. */
export async function fakeClock(offset: string): Promise<FakeClock> {
  const folder = await Deno.makeTempDir({ prefix: "dbp-clock-" });
  // A server may run as another user.
  await Deno.chmod(folder, 0o755);
  const file = join(folder, "clock");
  const set = (offset: string): Promise<void> =>
    Deno.writeTextFile(file, offset, { mode: 0o644 });
  await set(offset);
  return {
    env: clockEnvironment({ FAKETIME_TIMESTAMP_FILE: file }),
    set,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Registers a test that needs Debian's libfaketime, and counts as skipped without it. */
export function clockTest(
  name: string,
  fn: () => Promise<void>,
  ignore = false,
): void {
  Deno.test({
    name: FAKETIME === undefined ? `${name} (needs libfaketime)` : name,
    ignore: ignore || FAKETIME === undefined,
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}
