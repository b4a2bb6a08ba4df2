import { fileURLToPath } from "node:url";
import type { Line } from "./harness.ts";
import type { ServerSettings } from "./settings.ts";

const SIZES = [100_000, 1_000_000] as const;
const LEAST = 0.9;
/** The greatest allowed peak memory, in megabytes. */
const MOST = 300;

/** Measures whether bulk writes of generated rows take the same time in small and in large calls, and how much memory their process takes. */
export async function bulkGrowth(settings: ServerSettings): Promise<Line[]> {
  return await linesOf("postgresql", settings, "");
}

/** Measures the same on MongoDB. */
export async function mongoBulkGrowth(url: string): Promise<Line[]> {
  const settings = { URL: url, DATABASE: "bench_growth" };
  const lines = await linesOf("mongodb", settings, ", on MongoDB");
  const { large, small, ratio, megabytes } = await child({
    engine: "mongodb",
    settings,
    method: "insertMany",
    sizes: SIZES,
  });
  return [...lines, {
    work:
      "bare `insertMany` of the same rows, batches of 2,000, two concurrent",
    ours: `${shown(large)} rows/s, ${shown(megabytes)} MB`,
    against: `${shown(SIZES[0])} rows`,
    theirs: `${shown(small)} rows/s`,
    ratio: ratio.toFixed(2),
    least: "",
  }];
}

async function linesOf(
  engine: string,
  settings: object,
  where: string,
): Promise<Line[]> {
  const lines: Line[] = [];
  const [small, large] = SIZES;
  for (const method of ["bulkInsert", "bulkUpsert"]) {
    const measured = await child({ engine, settings, method, sizes: SIZES });
    const work = `\`${method}\` of ${shown(large)} new rows${where}`;
    lines.push({
      work,
      ours: `${shown(measured.large)} rows/s`,
      against: `${shown(small)} rows`,
      theirs: `${shown(measured.small)} rows/s`,
      ratio: measured.ratio.toFixed(2),
      least: `${LEAST}`,
    }, {
      work: `${work}: peak memory`,
      ours: `${shown(measured.megabytes)} MB`,
      against: "limit",
      theirs: `${MOST} MB`,
      ratio: (MOST / measured.megabytes).toFixed(2),
      least: "1",
    });
  }
  return lines;
}

async function child(work: object): Promise<{
  readonly small: number;
  readonly large: number;
  readonly ratio: number;
  readonly megabytes: number;
}> {
  const { stdout, success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      fileURLToPath(import.meta.resolve("./bulk_growth_child.ts")),
    ],
    env: { DBP_BENCH: JSON.stringify(work) },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

function shown(value: number): string {
  return Math.round(value).toLocaleString("en");
}
