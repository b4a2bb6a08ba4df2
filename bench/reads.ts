import { SQLConnection } from "@alerce/db-plugins";
import { type Line, race } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, FIRST, rowsOf, Wide } from "./tables.ts";

const ROWS = 100_000;
const SINGLE = 2_000;
const CONCURRENT = 20_000;
const AT_ONCE = 50;

/** Compares reads by key and of all rows with the bare driver. */
export async function reads(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: BENCH_MODELS });
  await db.connect(settings);
  await db.createDb();
  const query = db.query(Wide);
  await query.bulkInsert(rowsOf(Wide, ROWS));
  const bare = await bareClient(settings);
  const pipelined = await bareClient(settings, { pipeline: true });
  await bare.query("vacuum analyze wide");
  const columns = Wide.fields.map(({ name }) => name).join(", ");
  const byKey = {
    name: "by_key",
    text: `select ${columns} from wide where candid = $1`,
  };
  const key = (index: number): bigint => FIRST + BigInt((index * 7919) % ROWS);
  const one = async (index: number) =>
    await query.findOne({ filterBy: { candid: key(index) } });
  const bareOne = async (client: typeof bare, index: number) =>
    (await client.query({ ...byKey, values: [key(index)] })).rows[0];
  try {
    return [
      await race({
        work: "`findOne` by key, one at a time",
        against: "`pg`, prepared by name",
        count: SINGLE,
        unit: "rows",
        least: 1,
        ours: () => inTurn(SINGLE, one),
        bare: () => inTurn(SINGLE, (index) => bareOne(bare, index)),
      }),
      await race({
        work: `\`findOne\` by key, ${AT_ONCE} concurrent`,
        against: "`pg`, prepared by name, `pipeline: true`",
        count: CONCURRENT,
        unit: "rows",
        least: 1.25,
        ours: () => atOnce(CONCURRENT, one),
        bare: () => atOnce(CONCURRENT, (index) => bareOne(pipelined, index)),
      }),
      await race({
        work: "`findAll`, 100,000 rows of 30 columns",
        against: "`pg`, int8 parsed to BigInt",
        count: ROWS,
        unit: "rows",
        least: 3,
        compared: summary,
        ours: () => query.findAll(),
        bare: async () =>
          (await bare.query(`select ${columns} from wide`)).rows,
      }),
    ];
  } finally {
    await bare.end();
    await pipelined.end();
    await db.dropDb();
  }
}

async function inTurn(
  count: number,
  get: (index: number) => Promise<unknown>,
): Promise<unknown> {
  let last: unknown;
  for (let index = 0; index < count; index++) last = await get(index);
  return { ...last as object };
}

async function atOnce(
  count: number,
  get: (index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  let found = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) if (await get(next++)) found++;
  }));
  return found;
}

/** Returns what both must read equally: the number of rows, and the last row in the order of the key. */
function summary(rows: unknown): unknown {
  if (!Array.isArray(rows)) throw new Error("Not rows");
  const last = rows.reduce((one, other) =>
    Reflect.get(one, "candid") > Reflect.get(other, "candid") ? one : other
  );
  return { count: rows.length, last: { ...last } };
}
