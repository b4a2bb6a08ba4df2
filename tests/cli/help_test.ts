// The pages of help, word for word at 80 columns.
//   DBP_TEST_UPDATE=1 deno task test tests/cli/help_test.ts   writes the expected pages
import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/parse/commands.ts";
import { dbp } from "../support/cli.ts";

const update = Deno.env.get("DBP_TEST_UPDATE") !== undefined;

const names = COMMANDS.flatMap(({ leadingNames }) => [...leadingNames])
  .filter((name) => !name.includes("-"));

/** Compares a page with its file, or writes the file. */
async function expectPage(name: string, page: string): Promise<void> {
  const file = new URL(`../data/help/${name}.txt`, import.meta.url);
  if (update) await Deno.writeTextFile(file, page);
  assert.equal(page, await Deno.readTextFile(file));
}

async function helpOf(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await dbp(...args);
  assert.deepEqual([code, err], [0, ""]);
  return out;
}

function assertFits(page: string): void {
  for (const line of page.split("\n")) assert.ok(line.length <= 80, line);
}

Deno.test("dbp --help lists every command, and fits on a screen of 24 lines and 80 columns", async () => {
  const page = await helpOf("--help");
  await expectPage("dbp", page);
  assertFits(page);
  assert.ok(page.trimEnd().split("\n").length <= 24);
  for (const name of [...names, "completions"]) {
    assert.match(page, new RegExp(`^  ${name}  +[A-Z].*\\.$`, "m"));
  }
  for (const args of [[], ["-h"], ["help"]]) {
    assert.equal(await helpOf(...args), page);
  }
});

for (const name of names) {
  Deno.test(`the help of ${name} describes each option and gives examples`, async () => {
    const page = await helpOf(name, "--help");
    await expectPage(name, page);
    assertFits(page);
    const [usage = "", options = ""] = page.split(/^Usage: /m)[1]?.split("\n\n")
      .toSpliced(1, 1) ?? [];
    for (const [, option] of usage.matchAll(/\[(-[^ \]/]+)/g)) {
      assert.match(options, new RegExp(`^  ${option}[ ,]`, "m"));
    }
    assert.match(page, new RegExp(`\n\nExamples:\n  dbp ${name}[ \n]`));
    for (const args of [[name, "-h"], [name, "--json", "-h"], ["help", name]]) {
      assert.equal(await helpOf(...args), page);
    }
  });
}

Deno.test("help of make-migrations is the help of make_migrations", async () => {
  const page = await helpOf("make_migrations", "--help");
  assert.equal(await helpOf("make-migrations", "--help"), page);
  assert.equal(await helpOf("help", "make-migrations"), page);
});
