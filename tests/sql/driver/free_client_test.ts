// A client that is free serves the next statement of the same turn of the event loop.
import { SQLConnection } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { test } from "../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../support/engines.ts";

const COUNT = 20;

test("statements and transactions in turn and at once share the only client of a pool", async () => {
  const db = new SQLConnection({ models: [Star] });
  await db.connect({
    ...postgresSettings(),
    SCHEMA: freshSchema(),
    POOL_SIZE: 1,
  });
  await db.createDb();
  const pids = new Set<unknown>();
  const pid = async () => {
    const [row] = await db.sql<{ pid: number }>`select pg_backend_pid() as pid`;
    pids.add(row?.pid);
  };
  const work = async (index: number) => {
    const id = BigInt(index);
    await pid();
    await db.transaction(async (tx) => {
      await tx.query(Star).insert({ id, name: `star ${id}` });
      assert.equal((await tx.query(Star).findAll()).length > 0, true);
    });
    await assert.rejects(db.sql`select 1 / 0`);
    await pid();
    const rows = await db.query(Star).findAll({
      filterBy: { id: { gte: id } },
    });
    assert.equal(rows.some((row) => row.id === id), true);
    for await (const row of db.query(Star).stream()) {
      assert.equal(typeof row.name, "string");
      break;
    }
  };
  for (let index = 0; index < COUNT; index++) await work(index);
  await Promise.all(
    Array.from({ length: COUNT }, (_, index) => work(COUNT + index)),
  );
  assert.equal(await db.query(Star).count(), COUNT * 2);
  assert.equal(pids.size, 1);
  await db.dropDb();
  await db.close();
});

test("a connection closes while a client is free, and no later statement takes it", async () => {
  const db = new SQLConnection({ models: [Star] });
  await db.connect({ ...postgresSettings(), SCHEMA: freshSchema() });
  await db.sql`select 1`.then(() => db.close());
  await assert.rejects(db.query(Star).findAll(), /closed/);
});
