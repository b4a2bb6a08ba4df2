// A server that is killed in the middle of a stream: the loop throws, no row is repeated, and later calls work.
import {
  ConnectionError,
  type DatabaseConnection,
  DbPluginsError,
  MongoConnection,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { connected, stars } from "../support/connected.ts";
import { eventually } from "../support/mongo_case.ts";
import { startMongo, withoutMongo } from "../support/mongo_server.ts";
import { settingsOf, startPostgres } from "../support/servers.ts";

const ROWS = 20_000;

interface Server {
  kill(): Promise<void>;
  restart(): Promise<void>;
}

async function streamed(db: DatabaseConnection, server: Server): Promise<void> {
  await db.query(Star).bulkInsert(stars(ROWS));
  const ids = new Set<bigint>();
  let count = 0;
  const reading = (async () => {
    const rows = db.query(Star).stream({
      orderBy: { id: "asc" },
      batchSize: 500,
    });
    for await (const { id } of rows) {
      ids.add(id);
      if (++count === 2_000) await server.kill();
    }
  })();
  await assert.rejects(reading, (error) => {
    assert.ok(error instanceof ConnectionError, Deno.inspect(error));
    return true;
  });
  assert.ok(count < ROWS, `${count} rows`);
  assert.equal(ids.size, count, "no row is repeated");
  await assert.rejects(db.query(Star).count(), DbPluginsError);
  await server.restart();
  assert.equal(await eventually(() => db.query(Star).count()), ROWS);
  let again = 0;
  for await (const _ of db.query(Star).stream({ batchSize: 500 })) again++;
  assert.equal(again, ROWS);
}

function test(name: string, ignore: boolean, fn: () => Promise<void>): void {
  Deno.test({
    name:
      `${name}: a server that is killed in a stream ends the loop with a ConnectionError`,
    ignore,
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}

test("postgresql", false, async () => {
  const server = await startPostgres();
  try {
    await using db = await connected({
      ...settingsOf(server),
      CONNECT_TIMEOUT: 30_000,
    });
    await streamed(db, server);
  } finally {
    await server.stop();
  }
});

test("mongodb", withoutMongo, async () => {
  const server = await startMongo();
  try {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect({
      URL: server.url,
      DATABASE: "d",
      CONNECT_TIMEOUT: 30_000,
      SERVER_SELECTION_TIMEOUT_MS: 3_000,
    });
    await db.createDb();
    await streamed(db, server);
  } finally {
    await server.stop();
  }
});
