// deno-lint-ignore-file no-console
// Compares this package with the bare driver, on the same server.
//   deno task bench            all groups
//   deno task bench reads      some of: reads, curves, bulk, writes, small, memory, growth, start, migrate, live, mongo
//   deno task bench peers      against other libraries: see peers/run.ts
import { startMongo } from "../tests/support/mongo_server.ts";
import { POSTGRES_USER, startPostgres } from "../tests/support/servers.ts";
import { type Line, report } from "./harness.ts";
import { growth } from "./growth.ts";
import { lightCurves } from "./light_curves.ts";
import { bulk } from "./bulk.ts";
import { liveTable } from "./live_table.ts";
import { memory } from "./memory.ts";
import { migrate } from "./migrate.ts";
import { mongo } from "./mongo.ts";
import { reads } from "./reads.ts";
import { smallWrites } from "./small_writes.ts";
import { start, startMongoProgram } from "./start/start.ts";
import { writes } from "./writes.ts";

const groups = {
  reads,
  curves: lightCurves,
  bulk,
  writes,
  small: smallWrites,
  memory,
  growth,
  start,
  migrate,
  live: liveTable,
};
const isRequested = (name: string): boolean =>
  Deno.args.length === 0 || Deno.args.includes(name);

if (Deno.args[0] === "peers") {
  const { peers } = await import("./peers/run.ts");
  await peers(Deno.args.slice(1));
  Deno.exit(0);
}
if (Object.keys(groups).some(isRequested)) await benchPostgres();
if (isRequested("mongo")) await benchMongo();
Deno.exit(0);

async function benchPostgres(): Promise<void> {
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
      if (isRequested(name)) print(name, await group(settings));
    }
  } finally {
    await server.stop();
  }
}

async function benchMongo(): Promise<void> {
  let server;
  try {
    server = await startMongo();
  } catch (error) {
    // A missing server is an error only if the group was requested by name.
    if (Deno.args.length > 0) throw error;
    console.log(`\nmongo\n\nskipped: ${error}`);
    return;
  }
  try {
    print("mongo", [
      ...await startMongoProgram(server.url),
      ...await mongo(server.url),
    ]);
  } finally {
    await server.stop();
  }
}

function print(name: string, lines: readonly Line[]): void {
  console.log(`\n${name}\n`);
  report(lines);
}
