// Unacknowledged writes would make every count wrong.
import { ConfigError, MongoConnection } from "@alerce/db-plugins";
import { SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { mongoSettings } from "../../support/engines.ts";
import { test } from "../../support/mongo_case.ts";

test("unacknowledged writes are refused in settings, in a URL and in a ready-made client", async () => {
  const { URL: url, DATABASE } = mongoSettings();
  const silent = `${url}${url.includes("?") ? "&" : "?"}w=0`;
  const client = new MongoClient(url, { writeConcern: { w: 0 } });
  const cases: readonly (readonly [string, object, MongoClient?])[] = [
    ["W", { URL: url, W: 0 }],
    ["W", { URL: url, W: "0" }],
    ["WRITE_CONCERN", { URL: url, WRITE_CONCERN: { w: 0 } }],
    ["WRITE_CONCERN", { URL: url, WRITE_CONCERN: 0 }],
    ["URL", { URL: silent }],
    ["client", {}, client],
  ];
  for (const [key, settings, client] of cases) {
    await using db = new MongoConnection({
      models: SUITE_MODELS,
      ...client === undefined ? {} : { client },
    });
    await assert.rejects(db.connect({ ...settings, DATABASE }), (error) => {
      assert.ok(error instanceof ConfigError, Deno.inspect(error));
      assert.deepEqual(error.problems.map(({ key }) => key), [key]);
      assert.match(error.message, /not acknowledge writes/);
      return true;
    });
  }
  await client.close();
  await using db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect({ URL: url, DATABASE, W: 1 });
});
