/** Returns the CPU time of all children that have ended, in milliseconds; NaN where Linux does not report it. */
export async function childTime(): Promise<number> {
  const text = await Deno.readTextFile("/proc/self/stat").catch(() => "");
  const [, fields = ""] = text.split(/\) (?=\w )/);
  const [user, system] = fields.split(" ").slice(13, 15).map(Number);
  return ((user ?? NaN) + (system ?? NaN)) * MILLISECONDS_OF_A_TICK;
}

const MILLISECONDS_OF_A_TICK = 10;
