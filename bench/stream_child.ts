// deno-lint-ignore-file no-console
// Streams rows, and prints the peak memory and the time.
import { SQLConnection } from "@alerce/db-plugins";
import { BENCH_MODELS, Wide } from "./tables.ts";

const { settings, limit } = JSON.parse(Deno.env.get("DBP_BENCH") ?? "{}");
await using db = new SQLConnection({ models: BENCH_MODELS });
await db.connect(settings);
let [count, sum, peak] = [0, 0, 0];
const start = performance.now();
for await (const row of db.query(Wide).stream()) {
  sum += Reflect.get(row, "d0");
  if (++count % 10_000 === 0) peak = Math.max(peak, Deno.memoryUsage().rss);
  if (count === limit) break;
}
if (count !== limit || !(sum > 0)) throw new Error(`${count} rows, sum ${sum}`);
console.log(
  JSON.stringify({
    megabytes: peak / 1e6,
    seconds: (performance.now() - start) / 1000,
  }),
);
