import { join, relative, resolve } from "node:path";
import { examplesIn } from "./doc_examples.ts";
import { ROOT } from "./program.ts";

/** Where the tests and the documentation are. */
const EVERYTHING = ["tests", "mod.ts", "cli.ts", "src", "README.md", "docs"];

/** A file with tests or examples, and the module that registers them. */
export interface TestFile {
  /** Its path from the root of the checkout. */
  readonly file: string;
  readonly module: string;
}

/**
 * Finds the test files and the files with documentation examples below some
 * files and folders, by default all.
 *
 * @param scratch the folder for the modules of the examples
 * @throws {Error} if a file or folder does not exist
 */
export async function testFiles(
  paths: readonly string[],
  scratch: string,
): Promise<readonly TestFile[]> {
  const found = new Set<string>();
  for (const path of paths.length === 0 ? EVERYTHING : paths) {
    await collect(resolve(paths.length === 0 ? ROOT : ".", path), found);
  }
  const files: TestFile[] = [];
  for (const path of [...found].sort()) {
    const file = relative(ROOT, path);
    const module = path.endsWith("_test.ts")
      ? path
      : await examplesModule(path, file, scratch);
    if (module !== undefined) files.push({ file, module });
  }
  return files;
}

async function collect(path: string, found: Set<string>): Promise<void> {
  const { isDirectory } = await Deno.stat(path).catch(() => {
    throw new Error(`Cannot test ${path}: it does not exist`);
  });
  if (!isDirectory) {
    if (/\.(ts|md)$/.test(path)) found.add(path);
    return;
  }
  for await (const { name } of Deno.readDir(path)) {
    if (name === "node_modules" || name.startsWith(".")) continue;
    await collect(join(path, name), found);
  }
}

/** Writes a module that runs the examples of a file as tests, and a module for each; undefined if it has no examples. */
async function examplesModule(
  path: string,
  file: string,
  scratch: string,
): Promise<string | undefined> {
  const examples = examplesIn(
    await Deno.readTextFile(path),
    path.endsWith(".md"),
  );
  if (examples.length === 0) return undefined;
  const name = file.replaceAll("/", "_");
  const tests: string[] = [];
  for (const { line, code } of examples) {
    const example = `./${name}_${line}.ts`;
    await Deno.writeTextFile(join(scratch, example), code);
    tests.push(
      `Deno.test("example in line ${line}", () => import("${example}"));\n`,
    );
  }
  const module = join(scratch, `${name}.ts`);
  await Deno.writeTextFile(module, tests.join(""));
  return module;
}
