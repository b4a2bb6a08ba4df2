import { SQLConnection } from "@alerce/db-plugins";
import { fileURLToPath } from "node:url";
import type { Line } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, Wide } from "./tables.ts";

const ROWS = 1_000_000;
const MOST = 250;

/** Measures the memory of a process that streams a million rows from a server. */
export async function memory(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: BENCH_MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  const values = Wide.fields.map(({ name, type }) => {
    switch (type.kind) {
      case "int64":
        return name === "candid" ? "516171791415015025 + n" : "n";
      case "int32":
        return "n % 10000";
      case "float64":
        return "random() * 360";
      case "boolean":
        return "n % 2 = 0";
      default:
        return "'ZTF18' || n";
    }
  });
  await bare.query(
    `insert into wide select ${
      values.join(", ")
    } from generate_series(1, ${ROWS}) n`,
  );
  try {
    const [tenth, all] = [
      await streamed(settings, ROWS / 10),
      await streamed(settings, ROWS),
    ];
    return [{
      work: `\`stream\` of ${ROWS.toLocaleString("en")} rows of 30 columns`,
      ours: `${Math.round(all.megabytes)} MB peak memory, ${
        Math.round(ROWS / all.seconds).toLocaleString("en")
      } rows/s`,
      against: `${(ROWS / 10).toLocaleString("en")} rows`,
      theirs: `${Math.round(tenth.megabytes)} MB`,
      ratio: (all.megabytes / tenth.megabytes).toFixed(2),
      least: `at most ${MOST} MB`,
    }];
  } finally {
    await bare.end();
    await db.dropDb();
  }
}

async function streamed(
  settings: ServerSettings,
  limit: number,
): Promise<{ megabytes: number; seconds: number }> {
  const { stdout, success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      fileURLToPath(import.meta.resolve("./stream_child.ts")),
    ],
    env: { DBP_BENCH: JSON.stringify({ settings, limit }) },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
