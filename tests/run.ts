// deno-lint-ignore-file no-console
// Starts the servers that the tests need, runs the tests, and ends on the counts.
//   deno task test                     every test, and the examples of the documentation
//   deno task test tests/cli_test.ts   some of them
import { PGlite } from "@electric-sql/pglite";
import { join } from "node:path";
import { startPostgres } from "./servers.ts";

/** Files whose documentation is run too. */
const DOCUMENTED = ["mod.ts", "cli.ts", "src", "README.md"];

const folder = await Deno.makeTempDir({ prefix: "dbp-tests-" });
const [server] = await Promise.all([startPostgres(), writeTemplate()]);
let code = 1;
try {
  code = await runTests();
} finally {
  await server.stop();
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(code);

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

async function runTests(): Promise<number> {
  const some = Deno.args.length > 0;
  const report = join(folder, "junit.xml");
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--allow-all", "--parallel", `--junit-path=${report}`],
      ...(some ? Deno.args : ["--doc", "tests", ...DOCUMENTED]),
    ],
    env: {
      DENO_JOBS: "2",
      DBP_TEST_POSTGRES_PORT: String(server.port),
      DBP_TEST_POSTGRES_PASSWORD: server.password,
      DBP_TEST_PGLITE_TEMPLATE: templatePath(),
    },
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  const { passed, failed, skipped } = counts(
    await Deno.readTextFile(report).catch(() => ""),
  );
  // A file that does not load, or an error that no test waited for, is in no test's count.
  const broken = code !== 0 && failed === 0 ? 1 : 0;
  const tail = skipped > 0 ? `, ${skipped} skipped` : "";
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
