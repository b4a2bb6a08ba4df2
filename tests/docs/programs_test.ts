// The `ts ignore` blocks of a page are one program: the first is the set-up that the others share. It is checked and run here.
import { MongoClient } from "mongodb";
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { postgresSettings } from "../support/engines.ts";
import { mongoUrl, withoutMongo } from "../support/mongo_server.ts";
import { program, ROOT } from "../support/program.ts";
import { createDatabase } from "./database.ts";
import { partsOf, programFile, programOf } from "./page_program.ts";
import { readPages } from "./pages.ts";

/** The server that pages name if they need MongoDB. */
const MONGO = "mongodb://localhost:27017/alerce";
/** The embedded database of the other pages. The server is used in its place, because it is ready at once. */
const EMBEDDED = '{ ENGINE: "pglite", DB_NAME: "memory://" }';

/** Runs the program of a page, and says so, or why it fails. */
const RUN = `
const run = async (page: string, load: () => Promise<unknown>) => {
  try {
    await load();
    console.log("\\nran " + page);
  } catch (error) {
    console.error(page, error);
    Deno.exitCode = 1;
  }
};
`;

const PAGES = (await readPages()).filter((page) => partsOf(page).length > 0);

Deno.test("the blocks of each page, as one program, pass the compiler and run", async () => {
  const folder = await Deno.makeTempDir({ prefix: "dbp-pages-" });
  const prefix = `docs_${crypto.randomUUID().slice(0, 8)}`;
  const databases: string[] = [];
  try {
    const files = new Map<string, string>();
    for (const page of PAGES) {
      const file = programFile(folder, page);
      const DB_NAME = await createDatabase();
      const entry = { ...postgresSettings(), DB_NAME };
      await Deno.writeTextFile(
        file,
        programOf(page).replaceAll(EMBEDDED, JSON.stringify(entry)),
      );
      files.set(page.path, file);
    }
    // A run of all tests checks the types of everything in one process.
    if (!Deno.env.has("DBP_TEST_CHECKED_PAGES")) {
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["check", `--config=${ROOT}deno.json`, ...files.values()],
        env: { NO_COLOR: "1" },
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
    }
    const runnable: string[] = [];
    for (const [path, file] of files) {
      const text = await Deno.readTextFile(file);
      const needsMongo = text.includes(MONGO);
      if (needsMongo && !withoutMongo) {
        const database = `${prefix}_${databases.length}`;
        databases.push(database);
        const url = new URL(mongoUrl());
        url.pathname = `/${database}`;
        await Deno.writeTextFile(file, text.replaceAll(MONGO, url.href));
      }
      if (!needsMongo || !withoutMongo) runnable.push(path);
    }
    // One process runs all: it loads the library once.
    const runner = join(folder, "runner.ts");
    const imports = runnable.map((path) => {
      const url = pathToFileURL(files.get(path) ?? "").href;
      return `await run(${JSON.stringify(path)}, () => import("${url}"));`;
    });
    await Deno.writeTextFile(runner, `${RUN}${imports.join("\n")}\n`);
    const { code, out, err } = await program([runner], { cwd: ROOT });
    assert.equal(code, 0, err);
    const ran = [...out.matchAll(/^ran (.*)$/gm)].map(([, path]) => path);
    assert.deepEqual(ran, runnable, err);
  } finally {
    await Deno.remove(folder, { recursive: true });
    if (databases.length > 0) {
      await using client = new MongoClient(mongoUrl());
      for (const name of databases) await client.db(name).dropDatabase();
    }
  }
});
