// The permissions in docs/operations.md are enough, and each of them is necessary.
import { SQLConnection } from "@alerce/db-plugins";
import { SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { freshSchema, postgresSettings } from "../support/engines.ts";
import { mongoUrl, withoutMongo } from "../support/mongo_server.ts";
import { initializePglite } from "../support/pglite_template.ts";
import { ROOT } from "../support/program.ts";
import { ROUNDS } from "../support/rounds.ts";
import { readPage, sectionOf } from "./pages.ts";

const PAGE = await readPage("docs/operations.md");

/** The flags that the page lists for a database. */
function flagsOf(database: string): string[] {
  const [, flags = ""] = new RegExp(`^\\| ${database} +\\| \`(.*?)\``, "m")
    .exec(sectionOf(PAGE, "Permissions")) ?? [];
  assert.notEqual(flags, "", database);
  return flags.split(" ");
}

/** The flags that the page lists for a command. */
function flagsOfCommand(command: string): string[] {
  const [, flags = ""] =
    new RegExp(`^\\| .*\`${command}\`.*\\| +\`(.*?)\``, "m")
      .exec(sectionOf(PAGE, "Permissions")) ?? [];
  assert.notEqual(flags, "", command);
  return flags.split(" ");
}

/** Every command of `dbp`, in an order in which each has something to do. */
const EACH: readonly (readonly string[])[] = [
  ["initdb"],
  ["status"],
  ["history"],
  ["check"],
  ["drift"],
  ["rollback", "--yes", "--baseline"],
  ["sql"],
  ["migrate"],
  ["load", "star", "stars.csv"],
  ["export", "star", "all.csv"],
  ["make_migrations"],
  ["stamp", "--dry-run"],
  ["dropdb", "--yes"],
];
/** Commands that write files, schemas and history. */
const FEW: readonly (readonly string[])[] = ROUNDS > 1
  ? EACH
  : EACH.filter(([command = ""]) =>
    ["initdb", "rollback", "migrate"].includes(command)
  );

/** Runs `dbp` with exactly these permissions. Returns its output if it fails. */
async function failureOf(
  flags: readonly string[],
  folder: string,
  args: readonly string[],
): Promise<string | undefined> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", `--config=${ROOT}deno.json`],
      ...flags,
      join(ROOT, "cli.ts"),
      ...args,
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return success ? undefined : text.decode(stdout) + text.decode(stderr);
}

/** Each way to leave out a flag, or one value of it, with the name of the flag that the error must name. */
function lacking(
  flags: readonly string[],
): readonly [name: string, rest: readonly string[]][] {
  return flags.flatMap((flag, index) => {
    const [name = "", values] = flag.split("=");
    const list = values?.split(",") ?? [""];
    return list.map((value): [string, readonly string[]] => {
      const others = list.filter((other) => other !== value).join(",");
      return [
        name.replace(/^--ignore-/, "--allow-"),
        others === ""
          ? flags.toSpliced(index, 1)
          : flags.with(index, `${name}=${others}`),
      ];
    });
  });
}

const HOSTS: readonly [string, () => [settings: object, host: string]][] = [
  ["PostgreSQL", () => {
    const settings = postgresSettings();
    const { HOST, PORT } = settings;
    return [
      { SQL: { ...settings, SCHEMA: `docs_${Deno.pid}` } },
      `${HOST}:${PORT}`,
    ];
  }],
  ["MongoDB", () => {
    const url = new URL(mongoUrl());
    url.pathname = `/docs_${Deno.pid}`;
    return [{ MONGO: { URL: url.href } }, url.host];
  }],
  ["PGlite", () => [{ SQL: { ENGINE: "pglite", DB_NAME: "data" } }, ""]],
];

/** A folder with settings of a database, and files to load. */
async function project(
  entries: object,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "dbp-permissions-" });
  await Deno.writeTextFile(
    join(path, "settings.ts"),
    `export const DB_CONFIG = ${JSON.stringify(entries)};
     export { SUITE_MODELS as MODELS } from "@alerce/db-plugins/testing";`,
  );
  await Deno.writeTextFile(join(path, "stars.csv"), "id,name\n1,Vega\n");
  await Deno.writeTextFile(join(path, "wrong.csv"), "id,name\nx,Vega\n");
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

for (const [database, place] of HOSTS) {
  const ignore = database === "MongoDB" && withoutMongo;
  const flagsAt = (host: string): string[] =>
    flagsOf(database).map((flag) =>
      flag.replace("HOST:PORT", host).replace(/-write$/, "-write=.")
    );

  Deno.test({
    name: `${database}: the listed permissions are enough`,
    ignore,
    fn: async () => {
      const [entries, host] = place();
      await using folder = await project(entries);
      if (database === "PGlite") {
        await initializePglite(join(folder.path, "data"));
      }
      const flags = flagsAt(host);
      for (const words of database === "PostgreSQL" ? EACH : FEW) {
        const [command = ""] = words;
        assert.equal(
          await failureOf(
            [...flags, ...flagsOfCommand(command)],
            folder.path,
            words,
          ),
          undefined,
          command,
        );
      }
    },
  });

  Deno.test({
    name:
      `${database}: each listed permission is necessary, and the error without it names it`,
    ignore,
    fn: async () => {
      const [entries, host] = place();
      await using folder = await project(entries);
      const flags = [...flagsAt(host), ...flagsOfCommand("status")];
      await Promise.all(
        lacking(flags).map(async ([name, rest]) =>
          assert.match(
            await failureOf(rest, folder.path, ["status"]) ?? "it succeeds",
            new RegExp(`run again with the ${name} flag`),
            rest.join(" "),
          )
        ),
      );
    },
  });
}

Deno.test("writing files needs the listed permissions, and the error without them names them", async () => {
  const [, rejects = ""] = /`load --rejects FILE` also needs `(.*?)`/.exec(
    sectionOf(PAGE, "Permissions"),
  ) ?? [];
  const { HOST, PORT, ...login } = postgresSettings();
  const settings = { HOST, PORT, ...login, SCHEMA: freshSchema() };
  await using folder = await project({ SQL: settings });
  const flagsFor = (command: string): string[] =>
    [...flagsOf("PostgreSQL"), ...flagsOfCommand(command)].map((flag) =>
      flag.replace("HOST:PORT", `${HOST}:${PORT}`)
    );
  const exports = ["export", "star", "all.csv"];
  const load = ["load", "star", "wrong.csv", "--rejects", "rejected.csv"];
  const writing = EACH.map(([command = ""]) => command).filter((command) =>
    flagsOfCommand(command).some((flag) => flag.startsWith("--allow-write"))
  );
  assert.deepEqual(writing, ["initdb", "export", "make_migrations"]);
  {
    await using db = new SQLConnection({ models: SUITE_MODELS });
    await db.connect(settings);
    for (const words of [["initdb"], ["make_migrations"], exports, load]) {
      assert.match(
        await failureOf(flagsFor("status"), folder.path, words) ??
          "it succeeds",
        /run again with the --allow-write flag/,
        words.join(" "),
      );
      // Rows can be loaded and exported only after the tables exist.
      if (words.includes("make_migrations")) await db.createDb();
    }
    assert.equal(
      await failureOf(
        [...flagsFor("load"), rejects.replace("FILE", "rejected.csv")],
        folder.path,
        load,
      ),
      undefined,
    );
    await db.dropDb();
  }
});

Deno.test("the page lists the permissions of every command", async () => {
  const page = await readPage("docs/commands.md");
  const commands = [...page.text.matchAll(/^\| \[`(\w+)`\]/gm)].map((
    [, name = ""],
  ) => name);
  assert.deepEqual(
    EACH.map(([name]) => name).sort(),
    commands.sort(),
    "a test runs each command",
  );
});
