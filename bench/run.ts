// deno-lint-ignore-file no-console
// Races this package against the bare driver, on one server, in one run.
//   deno task bench            all of them
//   deno task bench reads      some of them: reads, writes, memory, start
import { POSTGRES_USER, startPostgres } from "../tests/servers.ts";
import { report } from "./harness.ts";
import { memory } from "./memory.ts";
import { reads } from "./reads.ts";
import { start } from "./start.ts";
import { writes } from "./writes.ts";

const groups = { reads, writes, memory, start };
const wanted = Deno.args.length === 0 ? Object.keys(groups) : Deno.args;
const server = await startPostgres();
try {
  const settings = {
    ENGINE: "postgresql",
    HOST: "127.0.0.1",
    PORT: server.port,
    USER: POSTGRES_USER,
    PASSWORD: server.password,
    DB_NAME: "postgres",
  };
  for (const [name, group] of Object.entries(groups)) {
    if (!wanted.includes(name)) continue;
    console.log(`\n${name}\n`);
    report(await group(settings));
  }
} finally {
  await server.stop();
}
