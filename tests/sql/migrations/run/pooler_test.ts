// A pooler that lends sessions by transaction cannot hold a lock, and is refused.
import { LockError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { test } from "../../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../../support/engines.ts";
import { applied, one, opened } from "../../../support/migrating.ts";
import { startPooler } from "../../../support/transaction_pooler.ts";

for (
  const [order, size] of [
    ["last", 9],
    ["round", 9],
    ["round", 2],
    ["last", 1],
  ] as const
) {
  test(
    `a pooler of ${size} that lends the session returned ${
      order === "last" ? "last" : "first"
    } is refused, and nothing is left behind`,
    async () => {
      const settings = postgresSettings();
      const pooler = startPooler(Number(settings.PORT), order, size);
      const SCHEMA = freshSchema();
      try {
        await using pooled = await opened({
          SCHEMA,
          PORT: pooler.port,
          PREPARE: false,
          POOL_SIZE: 3,
        });
        const zone = await one(pooled, "select current_setting('timezone')");
        await assert.rejects(
          applied(pooled, "create table t (a int)"),
          (error) => {
            assert.ok(error instanceof LockError, String(error));
            assert.match(
              error.message,
              /the connection uses a pooler that shares sessions by transaction.* Connect to the server directly/,
            );
            return true;
          },
        );
        for (let sessions = 0; sessions < 5; sessions++) {
          assert.equal(
            await one(pooled, "select current_setting('timezone')"),
            zone,
          );
        }
        await using direct = await opened({ SCHEMA });
        assert.equal(
          await one(direct, `select to_regnamespace('${SCHEMA}')`),
          null,
        );
        assert.equal(await applied(direct, "create table t (a int)"), 1);
      } finally {
        pooler.close();
      }
    },
  );
}
