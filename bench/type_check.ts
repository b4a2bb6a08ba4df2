// deno-lint-ignore-file no-console
// Measures how long `deno check` takes for a program with many models and queries.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { childTime } from "./child_time.ts";
import { type Line, median } from "./harness.ts";

const MODELS = 20;
const QUERIES = 50;
/** The columns of the first model, and of each other one. */
const WIDE = 98;
const NARROW = 8;
const ROUNDS = Number(Deno.env.get("DBP_BENCH_ROUNDS") ?? 5);
const IMPORTS =
  `import { defineModel, SQLConnection } from "@alerce/db-plugins";
import { z } from "zod";`;
const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Compares the type check of a generated program with that of a program that only imports the library, in CPU time. */
export async function typeCheck(): Promise<Line[]> {
  const dir = await Deno.makeTempDir({ dir: ROOT, prefix: ".type_check_" });
  try {
    const ours: number[] = [];
    const empty: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await check(join(dir, "program.ts"), program(), round));
      empty.push(await check(join(dir, "empty.ts"), IMPORTS, round));
    }
    const seconds = (times: readonly number[]): string =>
      `${(median(times) / 1000).toFixed(1)} s`;
    const more = ours.map((time, round) => time - (empty[round] ?? NaN));
    const line: Line = {
      work: `\`deno check\` of ${MODELS} models and ${QUERIES} queries`,
      ours: seconds(ours),
      against: "a program with the same imports only",
      theirs: seconds(empty),
      ratio: `${seconds(more)} more CPU time`,
      least: "at most 4 s more",
    };
    console.error(`${line.work}: ${line.ours}, ${line.theirs}, ${line.ratio}`);
    return [line];
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Returns the milliseconds of CPU time of the check of a program that differs from those before it. */
async function check(
  path: string,
  source: string,
  round: number,
): Promise<number> {
  await Deno.writeTextFile(
    path,
    `${source}\n// ${round} ${crypto.randomUUID()}\n`,
  );
  const before = await childTime();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--config", join(ROOT, "deno.json"), path],
    cwd: ROOT,
    stdout: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return await childTime() - before;
}

/** Returns a program whose models are related in a ring, and whose queries include related rows to three levels. */
function program(): string {
  const models = Array.from({ length: MODELS }, (_, n) => modelText(n));
  const queries = Array.from({ length: QUERIES }, (_, n) => queryText(n));
  return `${IMPORTS}
${models.join("\n")}
const MODELS = [${
    Array.from({ length: MODELS }, (_, n) => `Model${n}`).join(", ")
  }] as const;
const db = new SQLConnection({ models: MODELS });
${queries.join("\n")}
`;
}

function modelText(n: number): string {
  const columns = n === 0 ? WIDE : NARROW;
  const types = ["z.float64()", "z.int32().nullable()", "z.string()"];
  const fields = Array.from(
    { length: columns - 3 },
    (_, at) => `c${at}: ${types[at % types.length]}`,
  );
  return `const Model${n} = defineModel("model${n}", {
  fields: z.object({ id: z.int64(), before_id: z.int64(), after_id: z.int64().nullable(), ${
    fields.join(", ")
  } }),
  primaryKey: ["id"],
  relations: {
    before: { kind: "one", model: "model${
    (n + MODELS - 1) % MODELS
  }", on: { before_id: "id" } },
    after: { kind: "many", model: "model${
    (n + 1) % MODELS
  }", on: { id: "before_id" }, orderBy: { id: "asc" } },
  },
});`;
}

function queryText(n: number): string {
  return `const rows${n} = await db.query(Model${n % MODELS}).findAll({
  filterBy: { c0: { gte: ${n} }, after: { some: { c1: null } }, or: [{ c2: "a" }, { c2: { like: "b%" } }] },
  orderBy: { c0: "desc" },
  select: ["id", "c0", "c2"],
  include: {
    after: { filterBy: { c0: { lt: ${n} } }, orderBy: { c0: "asc" }, limit: 5, select: ["c1", "c2"],
      include: { before: { select: ["c0"] }, after: { limit: ${n}, include: ["before"] } } },
    before: true,
  },
  counts: { after: { filterBy: { c1: ${n} } } },
  limit: 10,
});
const value${n}: number | undefined = rows${n}[0]?.after[0]?.after[0]?.before?.c0;
void [value${n}, rows${n}[0]?.counts.after, rows${n}[0]?.c2];`;
}
