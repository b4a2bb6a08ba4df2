// The guide to migrations: its commands are run in its order, and all of them are such as there are.
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseArguments } from "../../src/cli/parse/parser.ts";
import { dbpProcess } from "../support/cli.ts";
import { freshSchema, postgresSettings } from "../support/engines.ts";
import { ROOT } from "../support/program.ts";

const GUIDE = await Deno.readTextFile(join(ROOT, "docs", "migrations.md"));
const README = await Deno.readTextFile(join(ROOT, "README.md"));

/** Blocks of a page: how each begins, and what is in it. */
function blocks(page: string): (readonly [string, string])[] {
  return [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map((
    [, kind = "", text = ""],
  ) => [kind, text]);
}

/** The commands of a block, without what is said of them. */
function commands(text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith("dbp "))
    .map((line) => line.replace(/\s+#.*$/, "").slice(4));
}

Deno.test("every command of the guide and of the README is one, with options that it has", () => {
  const lines = [GUIDE, README].flatMap((page) => [
    ...blocks(page).flatMap(([, text]) => commands(text)),
    ...[...page.matchAll(/`dbp ([^`…]+)`/g)].map(([, line = ""]) =>
      line.replaceAll(/\s+/g, " ")
    ),
  ]);
  assert.ok(lines.length > 40);
  for (const line of lines) {
    assert.doesNotThrow(
      () => parseArguments(line.split(" "), "0", () => {}),
      line,
    );
  }
});

Deno.test("the guide's commands do what it says, one after the other", async () => {
  const folder = await Deno.makeTempDir({ prefix: "dbp-guide-" });
  const schema = freshSchema();
  try {
    for (const [kind, text] of blocks(GUIDE)) {
      if (text.startsWith("// settings.ts")) {
        // Embedded it does the same and takes its time.
        const entry = { ...postgresSettings(), SCHEMA: schema };
        await Deno.writeTextFile(
          join(folder, "settings.ts"),
          text.replace(/SQL: \{.*\}/, `SQL: ${JSON.stringify(entry)}`),
        );
      }
      if (kind !== "sh") continue;
      for (const line of commands(text)) {
        const { code, out, err } = await dbpProcess(line.split(" "), {
          cwd: folder,
        });
        assert.equal(code, 0, `${line}: ${out}${err}`);
      }
    }
    const names = await Array.fromAsync(
      Deno.readDir(join(folder, "migrations", "sql")),
    );
    assert.deepEqual(
      names.map(({ name }) => name.replace(/^\d{8}T\d{6}_/, "")).sort(),
      [
        "add_mag.down.sql",
        "add_mag.up.sql",
        "baseline.down.sql",
        "baseline.up.sql",
      ],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
