// A write that the server applies although its signal is aborted.
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { connected, test } from "../../support/connected.ts";
import { freshSchema } from "../../support/engines.ts";
import { until } from "../../support/waiting.ts";

test("a write that is applied in spite of its signal succeeds", async () => {
  const SCHEMA = freshSchema();
  await using db = await connected({ SCHEMA });
  await using other = await connected({ SCHEMA });
  const trigger = [
    `create function ${SCHEMA}.ignore_cancel() returns trigger language plpgsql as $$
      begin
        begin
          perform pg_sleep(100);
        exception when query_canceled then null;
        end;
        return new;
      end $$`,
    `create trigger slow before insert on ${SCHEMA}.star for each row execute function ${SCHEMA}.ignore_cancel()`,
  ];
  for (const text of trigger) await sql.raw(text).execute(db.kysely);
  const controller = new AbortController();
  const running = db.query(Star).insert({ id: 1n, name: "Vega" }, {
    signal: controller.signal,
  });
  await until("the trigger", async () => {
    const rows = await other.sql`select from pg_stat_activity
      where wait_event = 'PgSleep' and query like ${`%${SCHEMA}%`}`;
    return rows.length > 0;
  });
  controller.abort(new Error("gone"));
  assert.equal((await running).name, "Vega");
  assert.equal(await db.query(Star).count(), 1);
  await db.dropDb();
});
