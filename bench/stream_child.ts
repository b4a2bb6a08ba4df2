// deno-lint-ignore-file no-console
// Streams rows and says how much memory that took.
import { SQLConnection } from "@alerce/db-plugins";
import { BENCH_MODELS, Wide } from "./tables.ts";

const { settings, limit } = JSON.parse(Deno.env.get("DBP_BENCH") ?? "{}");
await using db = new SQLConnection({ models: BENCH_MODELS });
await db.connect(settings);
let [count, sum, most] = [0, 0, 0];
const start = performance.now();
for await (const row of db.query(Wide).stream()) {
  sum += Reflect.get(row, "d0");
  if (++count % 10_000 === 0) most = Math.max(most, Deno.memoryUsage().rss);
  if (count === limit) break;
}
if (count !== limit || !(sum > 0)) throw new Error(`${count} rows, sum ${sum}`);
console.log(
  JSON.stringify({
    megabytes: most / 1e6,
    seconds: (performance.now() - start) / 1000,
  }),
);
