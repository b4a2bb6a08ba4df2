import { SQLConnection } from "@alerce/db-plugins";
import { type Line, race } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, FIRST, rowsOf, Wide } from "./tables.ts";

const ROWS = 100_000;
const ALONE = 2_000;
const TOGETHER = 20_000;
const AT_ONCE = 50;

/** Reads by key and of everything. */
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
  const key = (place: number): bigint => FIRST + BigInt((place * 7919) % ROWS);
  const one = async (place: number) =>
    await query.findOne({ filterBy: { candid: key(place) } });
  const bareOne = async (client: typeof bare, place: number) =>
    (await client.query({ ...byKey, values: [key(place)] })).rows[0];
  try {
    return [
      await race({
        work: "`findOne` by key, alone",
        against: "`pg`, prepared by name",
        count: ALONE,
        unit: "rows",
        least: 0.85,
        ours: () => inTurn(ALONE, one),
        bare: () => inTurn(ALONE, (place) => bareOne(bare, place)),
      }),
      await race({
        work: `\`findOne\` by key, ${AT_ONCE} at once`,
        against: "`pg`, prepared by name, `pipeline: true`",
        count: TOGETHER,
        unit: "rows",
        least: 0.85,
        ours: () => atOnce(TOGETHER, one),
        bare: () => atOnce(TOGETHER, (place) => bareOne(pipelined, place)),
      }),
      await race({
        work: "`findAll`, 100,000 rows of 30 columns",
        against: "`pg`, int8 parsed to BigInt",
        count: ROWS,
        unit: "rows",
        least: 0.85,
        ours: async () => summary(await query.findAll()),
        bare: async () =>
          summary((await bare.query(`select ${columns} from wide`)).rows),
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
  get: (place: number) => Promise<unknown>,
): Promise<unknown> {
  let last: unknown;
  for (let place = 0; place < count; place++) last = await get(place);
  return { ...last as object };
}

async function atOnce(
  count: number,
  get: (place: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  let found = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) if (await get(next++)) found++;
  }));
  return found;
}

/** What two ways of reading must agree on: how many rows, and each column's last value in the order of the key. */
function summary(rows: readonly object[]): unknown {
  const last = rows.reduce((one, other) =>
    Reflect.get(one, "candid") > Reflect.get(other, "candid") ? one : other
  );
  return { count: rows.length, last: { ...last } };
}
