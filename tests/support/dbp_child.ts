// Runs `dbp` in a process of its own, with other times for a server that does not answer.
import { main } from "../../cli.ts";
import { WATCH } from "../../src/migrations/history/watch_work.ts";
import { TIMES } from "../../src/sql/driver/watch_times.ts";

const { pause, ...times } = JSON.parse(Deno.env.get("DBP_TEST_TIMES") ?? "{}");
Object.assign(TIMES, times);
Object.assign(WATCH, { pause, grace: times.grace });
Deno.exit(await main(Deno.args));
