// Exit codes have one list, and doc comments repeat that list.
import assert from "node:assert/strict";
import { EXIT } from "../../src/base/errors/exit_codes.ts";
import { ROOT } from "../support/program.ts";
import { join } from "node:path";

const ALL = Object.values(EXIT).toSorted((one, other) => one - other);

/** The codes that a passage names: each begins it, a line of a table, or what stands after a comma or colon. */
async function codesIn(
  file: string,
  passage: RegExp,
  code: RegExp,
): Promise<number[]> {
  const text = await Deno.readTextFile(join(ROOT, file));
  const [, found = ""] = passage.exec(text) ?? [];
  return [...found.matchAll(code)].map(([, digits]) => Number(digits));
}

const IN_WORDS = /(?:[:,]|code|ends? with)[\s*]+(\d+)[\s*]+[a-z]/g;

Deno.test("doc comments list every exit code, and no other", async () => {
  assert.deepEqual(
    await codesIn("cli.ts", /@returns (the exit code[^]*?)\*\//, IN_WORDS),
    ALL,
  );
  const { done: _, locked: __, interrupted: ___, ...failures } = EXIT;
  assert.deepEqual(
    await codesIn(
      "src/base/errors/migration_errors.ts",
      /(The exit code of `dbp`: [^]*?)\*\//,
      IN_WORDS,
    ),
    Object.values(failures).toSorted((one, other) => one - other),
    "a MigrationError carries none of what other errors mean",
  );
});

Deno.test("no exit code is written as a number where it has a name", async () => {
  const { stdout } = await new Deno.Command("grep", {
    args: ["-rnE", "exitCode(: | = | === | \\?\\? )[0-9]", "src", "cli.ts"],
    cwd: ROOT,
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "");
});
