// Runs inside a group of test files, which share one isolate.
import { copyTemplate } from "./pglite_template.ts";
import { ANNOUNCEMENT, type Announcement } from "./test_report.ts";

copyTemplate();
// The processes that tests start end before code that V8 optimizes for PGlite would pay off.
Deno.env.set("DENO_V8_FLAGS", "--liftoff-only");

/**
 * Imports test files and registers their tests, each named `file: name`. A
 * file that does not load is one test that fails. Announces each file and how
 * many tests it has.
 *
 * @param files imports each file
 */
export async function loadTests(
  files: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<void> {
  const filter = Deno.env.get("DBP_TEST_FILTER") ?? "";
  const all: Deno.TestDefinition[] = [];
  for (const [file, load] of Object.entries(files)) {
    const tests = (await testsOf(load)).filter(({ name }) =>
      name.includes(filter)
    );
    all.push(
      ...tests.map((test) => ({ ...test, name: `${file}: ${test.name}` })),
    );
    const announcement: Announcement = { file, tests: tests.length };
    // deno-lint-ignore no-console
    console.log(ANNOUNCEMENT + JSON.stringify(announcement));
  }
  // What a test without sanitizers leaves would look like a leak of a later one.
  const [others = [], sanitized = []] = [false, true].map((wanted) =>
    all.filter((test) => isSanitized(test) === wanted)
  );
  for (const test of [...sanitized, ...others]) Deno.test(test);
}

function isSanitized(test: Deno.TestDefinition): boolean {
  return test.sanitizeOps !== false && test.sanitizeResources !== false;
}

/** The tests that a file registers. */
async function testsOf(
  load: () => Promise<unknown>,
): Promise<readonly Deno.TestDefinition[]> {
  const tests: Deno.TestDefinition[] = [];
  const register = (more: Partial<Deno.TestDefinition> = {}) =>
  (
    ...args: readonly unknown[]
  ): void => {
    tests.push({ ...definitionOf(args), ...more });
  };
  const denoTest = Deno.test;
  setTest(
    Object.assign(register(), denoTest, {
      ignore: register({ ignore: true }),
      only: register({ only: true }),
    }),
  );
  try {
    await load();
  } catch (error) {
    tests.push({
      name: "the file loads",
      fn() {
        throw error;
      },
    });
  } finally {
    setTest(denoTest);
  }
  return tests;
}

function setTest(test: typeof Deno.test): void {
  Object.defineProperty(Deno, "test", { value: test, configurable: true });
}

/** The definition that the forms of `Deno.test` take in different orders. */
function definitionOf(args: readonly unknown[]): Deno.TestDefinition {
  const definition: Partial<Deno.TestDefinition> = {};
  for (const arg of args) {
    if (typeof arg === "string") definition.name = arg;
    else if (typeof arg === "function") {
      definition.name ??= arg.name;
      Object.assign(definition, { fn: arg });
    } else Object.assign(definition, arg);
  }
  const { name, fn } = definition;
  if (!name || fn === undefined) throw new Error("A test needs a name");
  return { ...definition, name, fn };
}
