// A network that swallows packets while a server is chosen, and while a database is created.
import { ConnectionError, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import pg from "pg";
import { sqlConfig } from "../../../src/sql/driver/config.ts";
import { createServerDatabase } from "../../../src/sql/driver/server_database.ts";
import { test } from "../../support/connected.ts";
import {
  clientConfig,
  freshSchema,
  postgresSettings,
} from "../../support/engines.ts";
import { startSwallowingProxy } from "../../support/swallowing_proxy.ts";

test("a server that does not answer after the login is given up, and the next one is chosen", async () => {
  const { USER, PASSWORD, DB_NAME, PORT } = postgresSettings();
  const proxy = startSwallowingProxy(Number(PORT));
  const db = new SQLConnection({ models: [] });
  try {
    proxy.swallowAnswersTo("pg_is_in_recovery");
    await db.connect({
      URL:
        `postgresql://127.0.0.1:${proxy.port},127.0.0.1:${PORT}/${DB_NAME}?target_session_attrs=read-write`,
      USER,
      PASSWORD,
      CONNECT_TIMEOUT: 2_000,
    });
    assert.deepEqual(await db.sql`select inet_server_port()::int as port`, [
      { port: Number(PORT) },
    ]);
    await db.close();
    proxy.swallowAnswersTo("pg_is_in_recovery");
    await assert.rejects(
      db.connect({
        URL:
          `postgresql://127.0.0.1:${proxy.port},127.0.0.1:1/${DB_NAME}?target_session_attrs=read-write`,
        USER,
        PASSWORD,
        CONNECT_TIMEOUT: 1_000,
      }),
      /within CONNECT_TIMEOUT/,
    );
  } finally {
    await db.close();
    proxy.close();
  }
});

test("the creation of a database ends if the server no longer answers", async () => {
  const settings = postgresSettings();
  const proxy = startSwallowingProxy(Number(settings.PORT));
  const admin = new pg.Client(clientConfig(settings));
  await admin.connect();
  const DB_NAME = freshSchema();
  const config = (CONNECT_TIMEOUT: number) =>
    sqlConfig(
      { ...settings, PORT: proxy.port, DB_NAME, CONNECT_TIMEOUT },
      "test",
    );
  try {
    proxy.swallowAllAfter("create database", 1);
    await assert.rejects(
      createServerDatabase(config(1_000)),
      (error) =>
        error instanceof ConnectionError &&
        /does not answer new connections/.test(error.message),
    );
    proxy.restore();
    // The server had created it: its answer was lost.
    assert.equal(await createServerDatabase(config(10_000)), false);
  } finally {
    proxy.close();
    await admin.query(`drop database if exists ${DB_NAME} with (force)`);
    await admin.end();
  }
});
