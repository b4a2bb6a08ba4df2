// deno-lint-ignore-file no-console
// Starts the servers that the tests need, runs the tests, and ends on the counts.
//   deno task test                     every test, and the examples of the documentation
//   deno task test tests/cli/initdb_test.ts   some of them
import { PGlite } from "@electric-sql/pglite";
import { join } from "node:path";
import { startMongo, withoutMongo } from "./support/mongo_server.ts";
import { findMongod } from "./support/mongod.ts";
import { postgres15, startPostgres } from "./support/servers.ts";

/** Files whose documentation is run too. */
const DOCUMENTED = ["mod.ts", "cli.ts", "src", "README.md", "docs"];

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

const folder = await Deno.makeTempDir({ prefix: "dbp-tests-" });
const started: { stop(): Promise<void> }[] = [];
let code = 1;
let isEnded = false;
try {
  const starting = [
    startPostgres().then(noted),
    oldEnvironment(),
    mongoEnvironment(),
    writeTemplate(),
  ] as const;
  // Where one fails, the others are still to be ended.
  await Promise.allSettled(starting);
  const [postgres, old, mongo] = await Promise.all(starting);
  code = await runTests({
    ...old,
    ...mongo,
    DBP_TEST_POSTGRES_PORT: String(postgres.port),
    DBP_TEST_POSTGRES_PASSWORD: postgres.password,
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  for (const server of started) {
    await server.stop().catch((error) => {
      // At a terminal Ctrl-C reaches the servers too.
      if (!isEnded) console.error(error);
    });
  }
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(code);

function noted<Server extends { stop(): Promise<void> }>(
  server: Server,
): Server {
  started.push(server);
  return server;
}

/** A PostgreSQL 15 server, where that is installed. */
async function oldEnvironment(): Promise<Record<string, string>> {
  const programs = await postgres15();
  if (programs === undefined) return {};
  const { port, password } = noted(await startPostgres([], {}, programs));
  return {
    DBP_TEST_POSTGRES15_PORT: String(port),
    DBP_TEST_POSTGRES15_PASSWORD: password,
  };
}

/** A MongoDB server and where its program is; nothing where the caller names a server of theirs or leaves MongoDB out. */
async function mongoEnvironment(): Promise<Record<string, string>> {
  if (withoutMongo || Deno.env.has("DBP_TEST_MONGO_URL")) return {};
  const mongod = await findMongod(folder);
  Deno.env.set("DBP_TEST_MONGOD", mongod);
  const { url } = noted(await startMongo());
  return { DBP_TEST_MONGO_URL: url, DBP_TEST_MONGOD: mongod };
}

/** A PGlite that is ready to use costs seconds to make and a third of one to copy. */
async function writeTemplate(): Promise<void> {
  const db = await PGlite.create("memory://");
  const dump = await db.dumpDataDir("none");
  await db.close();
  await Deno.writeFile(templatePath(), dump.stream());
}

function templatePath(): string {
  return join(folder, "pglite.tar");
}

async function runTests(
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const some = Deno.args.length > 0;
  const report = join(folder, "junit.xml");
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--allow-all", "--parallel", `--junit-path=${report}`],
      ...(some ? Deno.args : ["--doc", "tests", ...DOCUMENTED]),
    ],
    env: {
      ...env,
      DENO_JOBS: "2",
      DBP_TEST_PGLITE_TEMPLATE: templatePath(),
    },
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // Whoever ends the run early ends its servers too, and leaves no folder.
  const end = (): void => {
    isEnded = true;
    child.kill("SIGTERM");
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, end);
  const { code } = await child.status;
  for (const signal of SIGNALS) Deno.removeSignalListener(signal, end);
  const { passed, failed, skipped } = counts(
    await Deno.readTextFile(report).catch(() => ""),
  );
  // A file that does not load, or an error that no test waited for, is in no test's count.
  const broken = code !== 0 && failed === 0 ? 1 : 0;
  const tail = skipped > 0 ? `, ${skipped} skipped` : "";
  if (withoutMongo) console.log("MongoDB was left out on purpose");
  console.log(`${passed} passed, ${failed + broken} failed${tail}`);
  // A run that broke before its first test has failed, whatever was counted.
  return code === 0 && failed === 0 && passed > 0 ? 0 : 1;
}

/** What Deno says at its end too: tests, without the steps they have. */
function counts(
  report: string,
): { passed: number; failed: number; skipped: number } {
  const cases = [
    ...report.matchAll(
      /<testcase name="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs,
    ),
  ]
    .map(([, name = "", file = "", body = ""]) => ({
      name: `${file}: ${name}`,
      failed: body.includes("<failure"),
      skipped: body.includes("<skipped"),
    }));
  const names = new Set(cases.map(({ name }) => name));
  const tests = cases.filter(({ name }) => !isStep(name, names));
  const [, errors = "0"] = /<testsuites[^>]* errors="(\d+)"/.exec(report) ?? [];
  const failed = tests.filter((test) => test.failed).length + Number(errors);
  const skipped = tests.filter((test) => test.skipped).length;
  const passed = tests.filter((test) => !test.failed && !test.skipped).length;
  return { passed, failed, skipped };
}

/** A step's name begins with its test's. */
function isStep(name: string, names: ReadonlySet<string>): boolean {
  const parts = name.split(" &gt; ");
  return parts.some((_, count) =>
    count > 0 && names.has(parts.slice(0, count).join(" &gt; "))
  );
}
