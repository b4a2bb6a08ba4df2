// A server that reads a null of an array as text.
import { ConfigError, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import pg from "pg";
import { test } from "../../support/connected.ts";
import { clientConfig, postgresSettings } from "../../support/engines.ts";

test("a session with array_nulls off is refused, because a null would become a text", async () => {
  const client = new pg.Pool({
    ...clientConfig(postgresSettings()),
    options: "-c array_nulls=off",
  });
  const db = new SQLConnection({ models: [], client });
  await assert.rejects(
    db.connect({}),
    (error) =>
      error instanceof ConfigError &&
      /array_nulls is off.*alter role/.test(error.message),
  );
  await client.end();
});
