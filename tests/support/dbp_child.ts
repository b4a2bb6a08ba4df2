// Runs `dbp` in a process of its own, with other times for a server that does not answer.
import { main } from "../../cli.ts";
import { TIMES } from "../../src/sql/driver/watch_times.ts";

Object.assign(TIMES, JSON.parse(Deno.env.get("DBP_TEST_TIMES") ?? "{}"));
Deno.exit(await main(Deno.args));
