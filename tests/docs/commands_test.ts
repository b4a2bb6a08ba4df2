// The shell blocks of the tutorial and of the guide to migrations run in their order, and every command on every page is valid.
import assert from "node:assert/strict";
import { join } from "node:path";
import meta from "../../deno.json" with { type: "json" };
import { parseArguments } from "../../src/cli/parse/parser.ts";
import { dbp } from "../support/cli.ts";
import {
  clientConfig,
  freshSchema,
  postgresSettings,
} from "../support/engines.ts";
import { ROOT } from "../support/program.ts";
import { ROUNDS } from "../support/rounds.ts";
import { run } from "./database.ts";
import { blocksOf, commandsIn, readPage, readPages } from "./pages.ts";

Deno.test("every dbp command on a page exists, with options that it has", async () => {
  const lines = (await readPages()).flatMap((page) => [
    ...blocksOf(page).flatMap(({ info, text }) =>
      info.startsWith("sh") ? commandsIn(text) : []
    ),
    ...[...page.text.matchAll(/`dbp ([^`…]+)`/g)].map(([, line = ""]) =>
      line.replaceAll(/\s+/g, " ")
    ),
  ]);
  assert.ok(lines.length > 60);
  for (const line of lines) {
    assert.doesNotThrow(
      () => parseArguments(line.split(" "), "0", () => {}),
      line,
    );
  }
});

/** An entry of settings on the server that the tests started, as TypeScript; embedded, the same commands take much longer. */
function onServer(text: string, schema: string): string {
  const entry = JSON.stringify({ ...postgresSettings(), SCHEMA: schema });
  return text.replace(/SQL: \{.*\}/, `SQL: ${entry}`);
}

Deno.test("the commands of the guide to migrations succeed, one after the other", async () => {
  const guide = await readPage("docs/migrations.md");
  const folder = await Deno.makeTempDir({ prefix: "dbp-guide-" });
  const schema = freshSchema();
  try {
    for (const { info, text } of blocksOf(guide)) {
      if (text.startsWith("// settings.ts")) {
        const path = join(folder, "settings.ts");
        await Deno.writeTextFile(path, onServer(text, schema));
      }
      if (info !== "sh") continue;
      for (const line of commandsIn(text)) {
        const { code, out, err } = await dbp(
          ...line.split(" "),
          ...["--settings_path", join(folder, "settings.ts")],
        );
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

Deno.test("the tutorial's files and commands work from an empty folder", async () => {
  const page = await readPage("docs/tutorial.md");
  const folder = await Deno.makeTempDir({ prefix: "dbp-tutorial-" });
  const database = `stars_${crypto.randomUUID().slice(0, 8)}`;
  const schema = freshSchema();
  const { user, password, host, port } = clientConfig();
  const url = `postgresql://${user}:${password}@${host}:${port}/${database}`;
  try {
    await Deno.mkdir(join(folder, "bin"));
    await Deno.symlink(Deno.execPath(), join(folder, "bin", "deno"));
    const script = blocksOf(page).flatMap(({ info, text }) => {
      if (info === "sh") return [text];
      const name = info === "json"
        ? "deno.json"
        : /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];
      if (name === undefined) return [];
      // The package comes from this checkout, as for a reader before it is published, and zod in the locked version.
      const content = info === "json"
        ? JSON.stringify({
          ...JSON.parse(text.replace("npm:zod@4", meta.imports.zod)),
          links: [ROOT],
        })
        : onServer(text, schema);
      return [`cat > ${name} <<'END'\n${content}\nEND\n`];
    });
    const lines = script.join("\n").replace(
      "postgresql://user:password@localhost:5432/stars",
      url,
    );
    assert.match(lines, / --check main\.ts$/m);
    // A run of all tests checks the types of these files together with all others.
    const isChecked = Deno.env.has("DBP_TEST_CHECKED_PAGES") && ROUNDS === 1;
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: [
        ...["-euo", "pipefail", "-c"],
        isChecked ? lines.replaceAll(" -A --check ", " -A ") : lines,
      ],
      cwd: folder,
      env: {
        NO_COLOR: "1",
        PATH: `${join(folder, "bin")}:${Deno.env.get("PATH")}`,
      },
    }).output();
    const text = new TextDecoder();
    const out = text.decode(stdout);
    assert.equal(code, 0, out + text.decode(stderr));
    const shown = blocksOf(page).filter(({ info }) => info === "text")
      .flatMap(({ text }) => text.trim().split("\n"));
    assert.ok(shown.length > 5);
    for (const line of shown) {
      const pattern = RegExp.escape(line).replaceAll(
        /\d{8}T\d{6}/g,
        "\\d{8}T\\d{6}",
      )
        .replaceAll("…", ".*");
      assert.match(out, new RegExp(`^${pattern}$`, "m"));
    }
    assert.match(out, /^0 new stars$/m);
    assert.match(out, /^2 applied, 0 pending/m);
  } finally {
    await Deno.remove(folder, { recursive: true });
    await run("postgres", [
      `drop database if exists ${database} with (force)`,
      `drop schema if exists ${schema} cascade`,
    ]);
  }
});
