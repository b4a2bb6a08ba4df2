// deno-lint-ignore-file no-console
// Compares this package with the bare driver, on the same server, or with other libraries.
import { startMongo } from "../tests/support/mongo_server.ts";
import { settingsOf, startPostgres } from "../tests/support/servers.ts";
import { type Line, report } from "./harness.ts";
import { exporting } from "./export.ts";
import { bulkGrowth, mongoBulkGrowth } from "./bulk_growth.ts";
import { growth } from "./growth.ts";
import { mongoIngest } from "./ingest/mongo.ts";
import { ingest } from "./ingest/postgres.ts";
import { surveys } from "./ingest/surveys.ts";
import { loading } from "./load.ts";
import { lightCurves } from "./light_curves.ts";
import { aggregate, mongoAggregate } from "./aggregate.ts";
import { before } from "./before.ts";
import { bulk } from "./bulk.ts";
import { liveTable } from "./live_table.ts";
import { keyless } from "./keyless.ts";
import { memory } from "./memory.ts";
import { merging } from "./merging.ts";
import { migrate } from "./migrate.ts";
import { mongo } from "./mongo.ts";
import { mongoRelated } from "./mongo_related.ts";
import { mongoRelatedFilters, relatedFilters } from "./related_filters.ts";
import { reads } from "./reads.ts";
import { related } from "./related.ts";
import { mongoSky } from "./mongo_sky.ts";
import type { ServerSettings } from "./settings.ts";
import { sky } from "./sky.ts";
import { smallWrites } from "./small_writes.ts";
import { start, startMongoProgram } from "./start/start.ts";
import { writer } from "./writer.ts";
import { typeCheck } from "./type_check.ts";
import { writes } from "./writes.ts";

const groups = {
  reads,
  curves: lightCurves,
  related,
  filters: relatedFilters,
  aggregate,
  bulk,
  merging,
  keyless,
  writes,
  writer,
  small: smallWrites,
  sky,
  memory,
  growth: async (settings: ServerSettings): Promise<Line[]> => [
    ...await growth(settings),
    ...await bulkGrowth(settings),
  ],
  load: loading,
  export: exporting,
  ingest,
  surveys,
  start,
  migrate,
  live: liveTable,
  before,
};

const HELP =
  `Compare the library with the bare driver, on servers that the benchmark starts.
Usage: deno task bench [GROUP...]
       deno task bench peers [OPTION...]

Without a group, everything but peers and before. The groups:

  reads    findOne, findAll
  curves   find of 50 rows, include of 1,000 objects with their detections
  related  include with limits, and counts
  filters  filters by related rows, also on MongoDB
  aggregate
           groups of 1,000,000 rows, also on MongoDB
  bulk     bulkInsert and bulkUpsert of 100,000 rows
  merging  bulkUpsert with merge rules
  keyless  bulkUpsert by fields that are not a unique key
  writes   bulkInsert, bulkUpsert, and getOrCreate
  writer   batches of alerts in six tables
  small    writes of 1 to 1,000 rows, commits, and findOne calls at once
  sky      cone searches and cross-matches, also on MongoDB
  memory   stream of 1,000,000 rows, and its memory
  growth   rates at 10,000, 100,000, and 1,000,000 rows, and the memory of bulk
           writes, also on MongoDB
  load     \`dbp load\` of a CSV file of 1,000,000 rows beside \`\\copy\`, and its memory
  export   \`dbp export\` of 1,000,000 rows to CSV and Parquet beside \`\\copy\`, and its memory
  ingest   ZTF alerts from an Avro file into all tables, also on MongoDB
  surveys  decoded alerts of LSST and ZTF into the multi-survey tables
  start    programs from their start to their first query
  migrate  make_migrations, migrate, and status
  live     reads and writes of a table during a migration
  types    deno check of 20 models and 50 queries
  mongo    the same on MongoDB
  peers    other libraries; see \`deno task bench peers --help\`
  before   calls of this checkout and of another one, in the folder
           DBP_BENCH_BEFORE`;

const names = Deno.args;
const unknown = names.find((name) =>
  !Object.hasOwn(groups, name) && !["mongo", "types"].includes(name)
);
const isRequested = (name: string): boolean =>
  names.length === 0 ? name !== "before" : names.includes(name);

if (names[0] === "peers") {
  const { peers } = await import("./peers/run.ts");
  await peers(names.slice(1));
} else if (names.includes("--help") || names.includes("-h")) {
  console.log(HELP);
} else if (unknown !== undefined) {
  console.error(`Unknown group ${unknown}.\n\n${HELP}`);
  Deno.exit(64);
} else {
  if (Object.keys(groups).some(isRequested)) await benchPostgres();
  if (
    ["mongo", "filters", "aggregate", "sky", "ingest", "growth"].some(
      isRequested,
    )
  ) {
    await benchMongo();
  }
  if (isRequested("types")) print("types", await typeCheck());
}
Deno.exit(0);

async function benchPostgres(): Promise<void> {
  const server = await startPostgres();
  try {
    const settings = settingsOf(server);
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
    if (names.length > 0) throw error;
    console.log(`\nmongo\n\nskipped: ${error}`);
    return;
  }
  try {
    if (isRequested("mongo")) {
      print("mongo", [
        ...await startMongoProgram(server.url),
        ...await mongo(server.url),
        ...await mongoRelated(server.url),
      ]);
    }
    if (isRequested("filters")) {
      print("filters, on MongoDB", await mongoRelatedFilters(server.url));
    }
    if (isRequested("sky")) {
      print("sky, on MongoDB", await mongoSky(server.url));
    }
    if (isRequested("growth")) {
      print("growth, on MongoDB", await mongoBulkGrowth(server.url));
    }
    if (isRequested("ingest")) {
      print("ingest, on MongoDB", await mongoIngest(server.url));
    }
    if (isRequested("aggregate")) {
      print("aggregate, on MongoDB", await mongoAggregate(server.url));
    }
  } finally {
    await server.stop();
  }
}

function print(name: string, lines: readonly Line[]): void {
  console.log(`\n${name}\n`);
  report(lines);
}
