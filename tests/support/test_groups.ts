import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { TestFile } from "./test_files.ts";

/**
 * Folders whose tests run together, in the order in which they start: those
 * that take longest first, so that no long one is left at the end. A file
 * belongs to the innermost folder that contains it.
 */
const FOLDERS = [
  "tests",
  "tests/mongo",
  "tests/cli",
  "tests/sql",
  "tests/mongo/migrations",
  "tests/sql/migrations/plan",
  "tests/sql/migrations",
  "tests/sql/migrations/run",
  "tests/docs",
  "tests/faults",
  "tests/examples",
  "tests/mongo/read",
  "tests/ztf",
  "tests/multisurvey",
];
/** The last group: the examples of the documentation, and files elsewhere. */
const OTHERS = "others";

/**
 * Writes the modules that run the test files. The files of a folder share one,
 * and so one isolate: it loads this package once, compiles it once, and starts
 * one PGlite for all.
 *
 * @param scratch the folder for the modules
 * @returns the modules in the order in which they start
 */
export async function testGroups(
  files: readonly TestFile[],
  scratch: string,
): Promise<readonly string[]> {
  const groups = Map.groupBy(files, ({ file }) => groupOf(file));
  const modules: string[] = [];
  const loader = JSON.stringify(import.meta.resolve("./test_group.ts"));
  for (const group of [...FOLDERS, OTHERS]) {
    const files = groups.get(group);
    if (files === undefined) continue;
    const lines = files.map(({ file, module }) =>
      `  ${JSON.stringify(file)}: () => import(${
        JSON.stringify(pathToFileURL(module).href)
      }),\n`
    );
    const module = join(scratch, `${group.replaceAll("/", "_")}_test.ts`);
    await Deno.writeTextFile(
      module,
      `import { loadTests } from ${loader};

await loadTests({
${lines.join("")}});
`,
    );
    modules.push(module);
  }
  return modules;
}

function groupOf(file: string): string {
  const folders = FOLDERS.filter((folder) => file.startsWith(`${folder}/`));
  return folders.sort((one, other) => other.length - one.length)[0] ?? OTHERS;
}
