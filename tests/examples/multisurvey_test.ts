// The settings with two databases, each with models and migrations of its own.
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp } from "../support/cli.ts";
import { freshSchema, postgresSettings } from "../support/engines.ts";
import { ROOT } from "../support/program.ts";

Deno.test("the multisurvey example creates two databases with their migrations", async () => {
  const { HOST, PORT, USER, PASSWORD } = postgresSettings();
  const variables = {
    ...{ POSTGRES_HOST: HOST, POSTGRES_PORT: PORT, POSTGRES_USER: USER },
    ...{ POSTGRES_PASSWORD: PASSWORD, PIPELINE_DB: freshSchema() },
    ARCHIVE_DB: freshSchema(),
  };
  const before = Deno.env.toObject();
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, value] of Object.entries(variables)) {
      Deno.env.set(name, String(value));
    }
    for (
      const [name, tables, ...entry] of [
        ["pipeline", 30],
        ["archive", 4, "--db", "ARCHIVE"],
      ] as const
    ) {
      const migrations = join(folder, name);
      const run = (...args: string[]) =>
        dbp(
          ...args,
          ...["--settings_path", join(ROOT, "examples/multisurvey")],
          ...["--migrations", migrations, ...entry],
        );
      const first = await run("initdb", "--create-database");
      assert.equal(first.code, 0, first.err);
      const written = Deno.readDirSync(join(migrations, "sql"))
        .find(({ name }) => name.endsWith(".up.sql"));
      const text = await Deno.readTextFile(
        join(migrations, "sql", String(written?.name)),
      );
      const created = text.match(/^CREATE TABLE (?!.* PARTITION OF )/gm);
      assert.equal(created?.length, tables);
      const checked = await run("check");
      assert.equal(checked.code, 0, checked.out + checked.err);
    }
  } finally {
    for (const name of Object.keys(variables)) {
      const value = before[name];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
    await Deno.remove(folder, { recursive: true });
  }
});
