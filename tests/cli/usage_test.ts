// Completions, the version, and errors of the command line.
import assert from "node:assert/strict";
import meta from "../../deno.json" with { type: "json" };
import { dbp, dbpProcess } from "../support/cli.ts";

Deno.test("the version is the package's", async () => {
  const out = `${meta.version}\n`;
  assert.deepEqual(await dbp("--version"), { code: 0, out, err: "" });
  assert.deepEqual(await dbpProcess(["--version"]), { code: 0, out, err: "" });
});

/** Wrong command lines and their errors. */
const WRONG: [string, string][] = [
  [
    "inidb",
    "Unknown command inidb; did you mean initdb? See `dbp --help`.",
  ],
  [
    "migrations",
    "Unknown command migrations. See `dbp --help`.",
  ],
  [
    "complettions bash",
    "Unknown command complettions; did you mean completions? See `dbp --help`.",
  ],
  [
    "--verison",
    "Unknown option --verison before the command; did you mean --version? See `dbp --help`.",
  ],
  [
    "--yes dropdb",
    "Unknown option --yes before the command. See `dbp --help`.",
  ],
  [
    "initdb --setings_path=x",
    "Unknown option --setings_path for initdb; did you mean --settings_path? See `dbp initdb --help`.",
  ],
  [
    "initdb --create-databse",
    "Unknown option --create-databse for initdb; did you mean --create-database? See `dbp initdb --help`.",
  ],
  [
    "dropdb --create-database",
    "Unknown option --create-database for dropdb. See `dbp dropdb --help`.",
  ],
  [
    "dropdb yes",
    "Unexpected argument yes for dropdb; did you mean --yes? See `dbp dropdb --help`.",
  ],
  ["initdb --db", "--db requires KEY. See `dbp initdb --help`."],
  [
    "initdb --db A --db B",
    "--db cannot be used multiple times. See `dbp initdb --help`.",
  ],
  [
    "help inidb",
    "Unknown command inidb; did you mean initdb? See `dbp --help`.",
  ],
  [
    "completions",
    "Missing shell name for completion. See `dbp completions --help`.",
  ],
  [
    "completions bsh",
    "Unsupported shell bsh. Available shells: bash, fish, nu, pwsh, zsh. See `dbp completions --help`.",
  ],
];

Deno.test("a wrong command line exits with 64 and an error with the nearest right name", async () => {
  for (const [line, message] of WRONG) {
    assert.deepEqual(
      await dbp(...line.split(" ")),
      { code: 64, out: "", err: `dbp: ${message}\n` },
      line,
    );
  }
  const [line = "", message] = WRONG[0] ?? [];
  assert.deepEqual(await dbpProcess([line, "--json"]), {
    code: 64,
    out: JSON.stringify({ error: { name: "UsageError", message } }) + "\n",
    err: "",
  });
});

Deno.test("completions prints a script for every shell, and bash can read its script", async () => {
  for (const shell of ["bash", "zsh", "fish", "pwsh", "nu"]) {
    const { code, out, err } = await dbp("completions", shell);
    assert.deepEqual([code, err], [0, ""]);
    assert.ok(out.includes("completions") && out.includes(shell), shell);
  }
  const bash = new Deno.Command("bash", {
    args: ["-n"],
    stdin: "piped",
    stderr: "piped",
  }).spawn();
  const script = bash.stdin.getWriter();
  await script.write(
    new TextEncoder().encode((await dbp("completions", "bash")).out),
  );
  await script.close();
  const { code, stderr } = await bash.output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
});

Deno.test("completions are printed one a line, and paths are left to the shell", async () => {
  const complete = async (...words: readonly string[]): Promise<string[]> =>
    (await dbp("completions", "bash", ...words)).out.split("\n");
  assert.deepEqual(await complete("in"), ["initdb", ""]);
  assert.deepEqual(await complete("initdb", "--set"), [
    "--settings_path",
    "--settings-path",
    "",
  ]);
  assert.deepEqual(await complete("initdb", "--settings_path", "./co"), [
    "__FILE__:any::./co:0",
    "",
  ]);
});
