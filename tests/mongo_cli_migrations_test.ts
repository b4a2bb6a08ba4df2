// The commands for migrations on MongoDB: the same as on PostgreSQL, with files of its own.
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp, settingsFile } from "./cli.ts";
import { mongoSettings } from "./engines.ts";
import { withoutMongo } from "./mongo_server.ts";

const STAR = (fields: string, parts: string): string =>
  `defineModel("star", {
    fields: z.object({ id: z.int32(), ${fields} }),
    primaryKey: ["id"], ${parts}
  })`;

Deno.test({
  name: "migrations are made, applied, told of and taken back on MongoDB",
  ignore: withoutMongo,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const place = mongoSettings();
    await using file = await settingsFile({});
    /** Runs a line with a version of the model; its exit code is given. */
    const run = async (
      version: string,
      line: string,
      code = 0,
    ): Promise<string> => {
      const path = join(file.folder, `${version}.ts`);
      const ran = await dbp(...line.split(" "), "--settings_path", path);
      const said = (ran.out + ran.err).replaceAll(/\d{8}T\d{6}/g, "TIME")
        .replaceAll(file.folder, "FOLDER");
      assert.equal(ran.code, code, `${line}: ${said}`);
      return said;
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
      /Wrote FOLDER\/migrations\/mongo\/TIME_create_star\.up\.json\n/,
    );
    await run("one", "status --check", 2);
    assert.match(await run("one", "migrate"), /^Applied TIME_create_star, 2 /);
    assert.match(await run("one", "make_migrations"), /^Nothing to do/);
    await run("two", "make-migrations --check", 2);
    await run("two", "drift", 5);
    await run("two", "make-migrations --name second");
    assert.match(await run("two", "sql"), /"createIndexes": "star"/);
    await run("two", "migrate");
    assert.match(await run("two", "check"), /^Nothing is wrong/);
    await run("two", "rollback --yes");
    assert.match(
      await run("one", "history"),
      /reverted {2}TIME_second, 3 of 3 steps/,
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
      /^Applied TIME_create_star, TIME_second\nDatabase created with/,
    );
  },
});
