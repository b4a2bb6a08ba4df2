// deno-lint-ignore-file no-console
// Starts the servers that the tests need, runs the tests, and ends on the counts.
//   deno task test                                        every test, and the examples of the documentation
//   deno task test tests/mongo/codec src/query README.md  those below some files and folders
//   deno task test tests/cli --filter 'a table'           those whose name contains a text
import { join } from "node:path";
import pg from "pg";
import { writePrograms } from "./docs/page_program.ts";
import { startMongo, withoutMongo } from "./support/mongo_server.ts";
import { findMongod } from "./support/mongod.ts";
import { writeTemplate } from "./support/pglite_template.ts";
import { initializePostgres, offer } from "./support/postgres_data.ts";
import { postgres15 } from "./support/postgres_programs.ts";
import { makeServersFolder } from "./support/server_folder.ts";
import {
  type PostgresServer,
  settingsOf,
  startPostgres,
} from "./support/servers.ts";
import { testFiles } from "./support/test_files.ts";
import type { Counts } from "./support/test_report.ts";
import { runTestFiles, typeErrors } from "./support/test_runner.ts";

/** How many groups of tests run at a time, if `DENO_JOBS` does not say; each waits for servers almost half of its time. */
const JOBS = 4;

const { paths, filter, options } = argumentsOf(Deno.args);
const folder = await Deno.makeTempDir({ prefix: "dbp-tests-" });
// The servers of tests run as another user, in a folder below.
await Deno.chmod(folder, 0o755);
const servers = await makeServersFolder(folder);
const started: { stop(): Promise<void> }[] = [];
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(
    signal,
    () => interruption.abort(new Error("Interrupted")),
  );
}
let code = 1;
try {
  const { passed, failed, skipped } = await runAll(interruption.signal);
  const tail = skipped > 0 ? `, ${skipped} skipped` : "";
  if (withoutMongo) console.log("MongoDB was left out on purpose");
  console.log(`${passed} passed, ${failed} failed${tail}`);
  // A run without a test has failed.
  code = failed === 0 && passed > 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  for (const server of started) {
    await server.stop().catch((error) => {
      // At a terminal Ctrl-C reaches the servers too.
      if (!interruption.signal.aborted) console.error(error);
    });
  }
  for (const path of new Set([servers, folder])) {
    await Deno.remove(path, { recursive: true }).catch((error) => {
      // Servers of tests that were killed may still be ending.
      if (!interruption.signal.aborted) throw error;
    });
  }
}
Deno.exit(code);

/** Checks the types and runs the tests. */
async function runAll(signal: AbortSignal): Promise<Counts> {
  const files = await testFiles(paths, folder);
  console.log(
    `Starting the database servers for ${files.length} files of tests. The first run downloads the servers`,
  );
  const template = join(folder, "pglite");
  const isWhole = paths.length === 0;
  const pages = isWhole ? await writePrograms(join(folder, "pages")) : [];
  const types = typeErrors(isWhole ? [".", ...pages] : paths, signal);
  const starting = [
    newestPostgres(),
    oldEnvironment(),
    mongoEnvironment(signal),
    writeTemplate(template),
  ] as const;
  // If one fails, the others must still be stopped.
  await Promise.allSettled(starting);
  const [postgres, old, mongo] = await Promise.all(starting);
  signal.throwIfAborted();
  const { passed, failed, skipped } = await runTestFiles(files, {
    scratch: folder,
    jobs: Number(Deno.env.get("DENO_JOBS") ?? JOBS),
    filter,
    options,
    env: {
      ...old,
      ...mongo,
      ...postgres,
      DBP_TEST_PGLITE_TEMPLATE: template,
      ...isWhole ? { DBP_TEST_CHECKED_PAGES: "1" } : {},
      // What an interrupted test leaves is removed too.
      TMPDIR: folder,
    },
    signal,
    print: console.log,
  });
  const wrongTypes = await types;
  if (wrongTypes === undefined) return { passed, failed, skipped };
  console.log(`${wrongTypes}\nFAILED types`);
  return { passed, failed: failed + 1, skipped };
}

function noted<Server extends { stop(): Promise<void> }>(
  server: Server,
): Server {
  started.push(server);
  return server;
}

/** Starts a PostgreSQL 18 server. Tests that start another copy its first data. */
async function newestPostgres(): Promise<Record<string, string>> {
  const data = offer(await initializePostgres(servers));
  const { port, password } = await withExtensions(noted(await startPostgres()));
  return {
    ...data,
    DBP_TEST_POSTGRES_PORT: String(port),
    DBP_TEST_POSTGRES_PASSWORD: password,
  };
}

/** Creates the extension of position indexes in a schema that all schemas of tests find, and no test drops. */
async function withExtensions<Server extends PostgresServer>(
  server: Server,
): Promise<Server> {
  const { PORT, USER, PASSWORD, DB_NAME } = settingsOf(server);
  const client = new pg.Client({
    host: "127.0.0.1",
    port: PORT,
    user: USER,
    password: PASSWORD,
    database: DB_NAME,
  });
  await client.connect();
  await client.query("create schema extensions");
  await client.query("create extension cube schema extensions");
  await client.query("grant usage on schema extensions to public");
  await client.end();
  return server;
}

/** Starts a PostgreSQL 15 server if that version is installed. */
async function oldEnvironment(): Promise<Record<string, string>> {
  const programs = await postgres15();
  if (programs === undefined) return {};
  const { port, password } = await withExtensions(
    noted(await startPostgres([], {}, programs)),
  );
  return {
    DBP_TEST_POSTGRES15_PORT: String(port),
    DBP_TEST_POSTGRES15_PASSWORD: password,
  };
}

/** Starts a MongoDB server, unless the caller names one or leaves MongoDB out. */
async function mongoEnvironment(
  signal: AbortSignal,
): Promise<Record<string, string>> {
  if (withoutMongo || Deno.env.has("DBP_TEST_MONGO_URL")) return {};
  // A download may take minutes.
  const mongod = await Promise.race([findMongod(folder), aborted(signal)]);
  Deno.env.set("DBP_TEST_MONGOD", mongod);
  const { url } = noted(await startMongo());
  return { DBP_TEST_MONGO_URL: url, DBP_TEST_MONGOD: mongod };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** Splits the arguments of the command. */
function argumentsOf(args: readonly string[]): {
  readonly paths: readonly string[];
  readonly filter: string | undefined;
  /** Further options of `deno test`. */
  readonly options: readonly string[];
} {
  const paths: string[] = [];
  const options: string[] = [];
  let filter: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    const [, value] = /^--filter=(.*)$/.exec(arg) ?? [];
    if (arg === "--filter") filter = args[++index];
    else if (value !== undefined) filter = value;
    else if (arg.startsWith("-")) options.push(arg);
    else paths.push(arg);
  }
  return { paths, filter, options };
}
