// The migration commands on MongoDB, with its own files.
import { BSON, type Document } from "mongodb";
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp, settingsFile } from "../support/cli.ts";
import { mongoSettings } from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";

const STAR = (fields: string, parts: string): string =>
  `defineModel("star", {
    fields: z.object({ id: z.int32(), ${fields} }),
    primaryKey: ["id"], ${parts}
  })`;

const SOFT =
  "From this step on, documents that break the new rules are logged and accepted, until all existing documents are valid.";
const STRICT =
  "This step counts the documents that break the rules. If there are any, it names one and changes nothing.";

/** Reads the printed array of commands. */
function read(printed: string): readonly Document[] {
  const commands: unknown = BSON.EJSON.parse(printed);
  assert(Array.isArray(commands));
  return commands;
}

Deno.test({
  name: "migrations are made, applied, shown and rolled back on MongoDB",
  ignore: withoutMongo,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const place = mongoSettings();
    await using file = await settingsFile({});
    /** Runs a line with a version of the model and checks its exit code. */
    const run = async (
      version: string,
      line: string,
      code = 0,
    ): Promise<string> => {
      const path = join(file.folder, `${version}.ts`);
      const ran = await dbp(...line.split(" "), "--settings_path", path);
      const output = (ran.out + ran.err).replaceAll(/\d{8}T\d{6}/g, "TIME")
        .replaceAll(file.folder, "FOLDER");
      assert.equal(ran.code, code, `${line}: ${output}`);
      return output;
    };
    const versions = {
      one: STAR("name: z.string().nullable()", ""),
      two: STAR(
        "name: z.string().nullable(), mag: z.float64().nullable()",
        `indexes: [{ fields: ["name"] }]`,
      ),
      renamed: STAR("title: z.string().nullable()", ""),
    };
    for (const [version, model] of Object.entries(versions)) {
      await Deno.writeTextFile(
        join(file.folder, `${version}.ts`),
        `import { defineModel } from "@alerce/db-plugins";
         import { z } from "zod";
         export const DB_CONFIG = ${JSON.stringify({ MONGO: place })};
         export const MODELS = [${model}];`,
      );
    }
    assert.match(
      await run("one", "make_migrations"),
      /Wrote FOLDER\/migrations\/mongo\/TIME_add_star\.up\.json\n/,
    );
    await run("one", "status --check", 2);
    assert.match(await run("one", "migrate"), /^Applied TIME_add_star, 2 /);
    assert.match(
      await run("one", "rollback --dry-run"),
      /^Would roll back TIME_add_star, 1 step, data loss: drop-collection star\n/,
    );
    assert.match(
      await run("one", "rollback", 7),
      /Roll back TIME_add_star \(drop-collection star\)\? This loses data in /,
    );
    assert.match(await run("one", "make_migrations"), /^Nothing to do/);
    await run("two", "make-migrations --check", 2);
    await run("two", "drift", 5);
    await run("two", "make-migrations --name second");
    const sql = read(await run("two", "sql"));
    assert.deepEqual(
      sql.map(({ collMod, createIndexes, comment }) => [
        collMod ?? createIndexes,
        String(comment).replace(
          /^FOLDER\/migrations\/mongo\/TIME_second\.up\.json, /,
          "",
        ),
      ]),
      [
        ["star", `step 1 of 3 ${SOFT}`],
        ["star", "step 2 of 3"],
        ["star", `step 3 of 3 ${STRICT}`],
      ],
    );
    await run("two", "migrate");
    const [nothing, ...others] = read(await run("two", "sql"));
    assert.deepEqual(others, []);
    assert.match(String(nothing?.comment), /^Nothing to apply \(config from/);
    assert.match(
      String(read(await run("one", "sql --down --steps 1"))[0]?.comment),
      /TIME_second\.down\.json, step 1 of \d/,
    );
    assert.match(await run("two", "check"), /^No problems found/);
    await run("two", "rollback --yes");
    assert.match(
      await run("one", "history"),
      /rolled back {2}TIME_second, 3 of 3 steps/,
    );
    await run("one", "drift");
    await run("two", "migrate");
    assert.match(
      await run("renamed", "make_migrations --drop star.mag", 7),
      /--rename star\.name=star\.title/,
    );
    await run("two", "dropdb --yes");
    assert.match(
      await run("two", "initdb"),
      /^Applied TIME_add_star, TIME_second\nDatabase created with/,
    );
  },
});
