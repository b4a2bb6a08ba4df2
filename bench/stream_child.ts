// deno-lint-ignore-file no-console
// Streams rows, and prints the peak memory and the time.
import { SQLConnection } from "@alerce/db-plugins";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, Wide } from "./tables.ts";

const BATCH = 2_000;

const { settings, limit, isBare } = JSON.parse(
  Deno.env.get("DBP_BENCH") ?? "{}",
);
let [count, sum, peak] = [0, 0, 0];

function read(row: object): void {
  sum += Reflect.get(row, "d0");
  if (++count % 10_000 === 0) peak = Math.max(peak, Deno.memoryUsage().rss);
}

async function ours(settings: ServerSettings): Promise<number> {
  await using db = new SQLConnection({ models: BENCH_MODELS });
  await db.connect(settings);
  const start = performance.now();
  for await (const row of db.query(Wide).stream()) {
    read(row);
    if (count === limit) break;
  }
  return performance.now() - start;
}

async function bare(settings: ServerSettings): Promise<number> {
  const client = await bareClient(settings);
  const columns = Wide.fields.map(({ name }) => name).join(", ");
  const start = performance.now();
  await client.query("begin read only");
  await client.query(
    `declare rows no scroll cursor for select ${columns} from wide`,
  );
  while (count < limit) {
    const { rows } = await client.query(`fetch ${BATCH} from rows`);
    for (const row of rows) read(row);
    if (rows.length < BATCH) break;
  }
  await client.query("rollback");
  const time = performance.now() - start;
  await client.end();
  return time;
}

const time = await (isBare ? bare : ours)(settings);
if (count !== limit || !(sum > 0)) throw new Error(`${count} rows, sum ${sum}`);
console.log(
  JSON.stringify({ megabytes: peak / 1e6, seconds: time / 1000, sum }),
);
