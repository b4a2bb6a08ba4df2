// deno-lint-ignore-file no-console
import { connect } from "@alerce/db-plugins";
import { AstroObject } from "@alerce/db-plugins/models";
import { fileURLToPath } from "node:url";
import { childTime } from "../child_time.ts";
import { type Line, median } from "../harness.ts";

/** Measured pairs, after one that fills Deno's cache. */
const PAIRS = Number(Deno.env.get("DBP_BENCH_ROUNDS") ?? 15);
/** Deno's option to load the modules of dynamic imports only when they are used. */
const LAZY = "--unstable-lazy-dynamic-imports";

/** Two programs, started in turn. */
interface Pair {
  readonly work: string;
  readonly ours: readonly string[];
  readonly against: string;
  readonly theirs: readonly string[];
  /** The most milliseconds that ours may take more. */
  readonly most: number;
}

/** Measures whole programs from the start of their process to its end, on PostgreSQL. */
export async function start(settings: object): Promise<Line[]> {
  await storeObject(settings);
  const argument = JSON.stringify(settings);
  const firstRead = ["first_read.ts", argument];
  const bare = ["first_read_pg.ts", argument];
  const defineModel = ["import_define_model.ts"];
  const zod = ["import_zod.ts"];
  return await inTurn([
    {
      work: "import, connect, and `findOne`",
      ours: firstRead,
      against: "`pg`",
      theirs: bare,
      most: 120,
    },
    {
      work: `the same with \`${LAZY}\``,
      ours: [LAZY, ...firstRead],
      against: "`pg`",
      theirs: bare,
      most: 120,
    },
    {
      work: "`import { defineModel }`",
      ours: defineModel,
      against: "`import { z }`",
      theirs: zod,
      most: 60,
    },
    {
      work: `the same with \`${LAZY}\``,
      ours: [LAZY, ...defineModel],
      against: "`import { z }`",
      theirs: zod,
      most: 60,
    },
    {
      work: "`dbp --help`",
      ours: ["../../cli.ts", "--help"],
      against: "an empty program",
      theirs: ["data:text/javascript,"],
      most: 100,
    },
  ]);
}

/** The same on MongoDB. */
export async function startMongoProgram(url: string): Promise<Line[]> {
  const settings = { ENGINE: "mongodb", URL: url, DATABASE: "start" };
  await storeObject(settings);
  const argument = JSON.stringify(settings);
  return await inTurn([{
    work: "import, connect, and `findOne`",
    ours: ["first_read.ts", argument],
    against: "`mongodb`",
    theirs: ["first_read_mongodb.ts", argument],
    most: 120,
  }]);
}

async function storeObject(settings: object): Promise<void> {
  await using db = await connect(settings);
  await db.createDb();
  await db.query(AstroObject).getOrCreate({ filterBy: { oid: "ZTF1" } });
}

async function inTurn(pairs: readonly Pair[]): Promise<Line[]> {
  const lines: Line[] = [];
  for (const pair of pairs) lines.push(await compare(pair));
  return lines;
}

async function compare(
  { work, ours, against, theirs, most }: Pair,
): Promise<Line> {
  const our: Taken[] = [];
  const their: Taken[] = [];
  for (let pair = 0; pair <= PAIRS; pair++) {
    const runs = [
      async () => our.push(await run(ours)),
      async () => their.push(await run(theirs)),
    ];
    for (const next of pair % 2 === 0 ? runs : runs.toReversed()) await next();
  }
  const more = (of: keyof Taken): number =>
    Math.round(
      median(
        our.slice(1).map((taken, pair) =>
          taken[of] - (their[pair + 1]?.[of] ?? NaN)
        ),
      ),
    );
  const text = (taken: readonly Taken[]): string =>
    `${Math.round(median(taken.slice(1).map(({ wall }) => wall)))} ms`;
  const line: Line = {
    work,
    ours: text(our),
    against,
    theirs: text(their),
    ratio: `${more("wall")} ms more, ${more("cpu")} ms of CPU time`,
    least: `at most ${most} ms more`,
  };
  console.error(`${line.work}: ${line.ours}, ${line.theirs}, ${line.ratio}`);
  return line;
}

/** Milliseconds of a program. */
interface Taken {
  readonly wall: number;
  /** Of all its threads. */
  readonly cpu: number;
}

async function run(args: readonly string[]): Promise<Taken> {
  const before = await childTime();
  const begin = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", ...args],
    cwd: fileURLToPath(new URL("./", import.meta.url)),
    stdout: "null",
  }).output();
  const wall = performance.now() - begin;
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return { wall, cpu: await childTime() - before };
}
