import { SQLConnection } from "@alerce/db-plugins";
import { fileURLToPath } from "node:url";
import { type Line, median } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, Wide } from "./tables.ts";

const ROWS = 1_000_000;
const MOST = 110;
/** The required ratio of our rate to that of the bare driver. */
const LEAST = 2.5;
const PAIRS = 3;

/** Measures the rate and the peak memory of processes that stream a million rows from a server. */
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
    const tenth = await streamed(settings, ROWS / 10, false);
    const pairs: [Streamed, Streamed][] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const ours = await streamed(settings, ROWS, false);
      const theirs = await streamed(settings, ROWS, true);
      if (ours.sum !== theirs.sum) throw new Error("The rows differ");
      pairs.push([ours, theirs]);
    }
    const all = (side: 0 | 1, key: keyof Streamed): number =>
      median(pairs.map((pair) => pair[side][key]));
    const rate = (side: 0 | 1): string =>
      `${Math.round(ROWS / all(side, "seconds")).toLocaleString("en")} rows/s`;
    const megabytes = (side: 0 | 1): string =>
      `${Math.round(all(side, "megabytes"))} MB peak memory`;
    const work = `\`stream\` of ${
      ROWS.toLocaleString("en")
    } rows of 30 columns`;
    return [{
      work,
      ours: rate(0),
      against: "`pg`, a cursor and fetches of 2,000 rows",
      theirs: rate(1),
      ratio: median(
        pairs.map(([ours, theirs]) => theirs.seconds / ours.seconds),
      ).toFixed(2),
      least: `${LEAST}`,
    }, {
      work,
      ours: megabytes(0),
      against: "`pg`, the same",
      theirs: megabytes(1),
      ratio: (all(0, "megabytes") / all(1, "megabytes")).toFixed(2),
      least: `at most ${MOST} MB`,
    }, {
      work,
      ours: megabytes(0),
      against: `${(ROWS / 10).toLocaleString("en")} rows`,
      theirs: `${Math.round(tenth.megabytes)} MB`,
      ratio: (all(0, "megabytes") / tenth.megabytes).toFixed(2),
      least: `at most ${MOST} MB`,
    }];
  } finally {
    await bare.end();
    await db.dropDb();
  }
}

interface Streamed {
  readonly megabytes: number;
  readonly seconds: number;
  /** The sum of a column of the rows. */
  readonly sum: number;
}

async function streamed(
  settings: ServerSettings,
  limit: number,
  isBare: boolean,
): Promise<Streamed> {
  const { stdout, success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      fileURLToPath(import.meta.resolve("./stream_child.ts")),
    ],
    env: { DBP_BENCH: JSON.stringify({ settings, limit, isBare }) },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
