// Steps that lock two tables give way to programs that write to both, before the server would cancel a program.
import { defineModel } from "@alerce/db-plugins";
import { makeMigrations, migrate, rollback } from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import pg from "pg";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import { testFolder } from "../../../support/migrations_folder.ts";
import { clientConfig } from "../../../support/engines.ts";
import { everyServer } from "../../../support/migrating.ts";
import { onServer, onServer15 } from "../../../support/plan_database.ts";
import { until } from "../../../support/waiting.ts";

const Parent = defineModel("parent", {
  fields: z.object({ id: z.int32(), n: z.int32() }),
  primaryKey: ["id"],
});
const child = { id: z.int32(), parent: z.int32() };
const Child = defineModel("child", {
  fields: z.object(child),
  primaryKey: ["id"],
});
const Referring = defineModel("child", {
  fields: z.object(child),
  primaryKey: ["id"],
  foreignKeys: [{
    fields: ["parent"],
    references: { table: "parent", fields: ["id"] },
  }],
});

/** Whether a statement waits for the child. */
const WAITS =
  "select 1 from pg_locks where relation = 'child'::regclass and not granted";

for (
  const [engine, settings] of [onServer, onServer15].map((engine, index) =>
    [engine, everyServer()[index]?.[1]] as const
  )
) {
  if (engine === undefined || settings === undefined) continue;
  test(`${engine.name}: a foreign key is added and dropped while programs write to both tables`, async () => {
    await using folder = await testFolder("sql");
    const { directory } = folder;
    const place = await engine.place();
    const [[schema = ""] = []] = await place.run("select current_schema()");
    const [holder, writer] = [1, 2].map(() =>
      new pg.Client(clientConfig({ ...settings }))
    );
    assert(holder !== undefined && writer !== undefined);
    try {
      const before = await place.open([Parent, Child]);
      await makeMigrations(before, { directory });
      await migrate(before, { directory });
      for (const client of [holder, writer]) {
        await client.connect();
        await client.query(`set search_path = ${schema}`);
      }
      await writer.query("insert into parent values (1, 0)");
      const db = await place.open([Parent, Referring]);
      const { files } = await makeMigrations(db, { directory });
      for (const text of [files?.upText, files?.downText]) {
        assert.match(text ?? "", /-- dbp:step lock_timeout=300ms\nALTER TABLE/);
      }
      let id = 0;
      let reported = 0;
      const onProgress = ({ kind }: { kind: string }) => {
        if (kind === "retry") reported++;
      };
      for (const run of [migrate, rollback]) {
        await holder.query("begin");
        await holder.query(`insert into child values (${++id}, 1)`);
        await writer.query("begin");
        await writer.query("update parent set n = n + 1");
        const running = run(db, { directory, onProgress });
        running.catch(() => {});
        await until(
          "a step that waits",
          async () => (await place.run(WAITS)).length > 0,
        );
        // It holds the parent, and waits for the child behind the step.
        const writing = writer.query(`insert into child values (${++id}, 1)`);
        writing.catch(() => {});
        const before = reported;
        await until("a step that gives way", () => reported > before);
        // The step would now get the child, and wait for the parent.
        await holder.query("commit");
        await writing;
        await writer.query("commit");
        await running;
      }
      assert(reported > 0);
      assert.deepEqual(await place.run("select count(*) from child"), [["4"]]);
    } finally {
      await holder.end();
      await writer.end();
      await place.close();
    }
  });
}
